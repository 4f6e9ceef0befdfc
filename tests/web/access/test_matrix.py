"""Every route, each kind of person, one's own meter, another's and none at all."""

import pytest

from enertrack.stores import sessions, users
from tests.web.access.people import SAFE, ask, person, rows, status
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs, Row
from tests.web.conftest import Browser, Site

MISSING = "A0B76512C4DF"
MAY = {
    "ana": {Needs.LECTOR, Needs.GESTOR, Needs.PROPIETARIO},
    "carla": {Needs.LECTOR, Needs.GESTOR},
    "dora": {Needs.LECTOR},
}
"""What each may do who has the meter, said here and not asked of the code."""
METER = [row for row in ROWS if "{meter}" in row.path]
UNSAFE = [row for row in ROWS if row.method not in SAFE and not row.bearer]
CLOSED = [row for row in ROWS if row.needs is not Needs.NOBODY]


async def shut_out(browser: Browser, row: Row, **headers: str) -> None:
    answer = await ask(browser, row, **headers)
    if row.data:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/ingresar")


def test_the_table_knows_each_route(site: Site) -> None:
    real = {
        (rule.endpoint, method)
        for rule in site.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.websocket
    }
    assert real == {row.key for row in ROWS}


@rows([row for row in ROWS if row.needs is Needs.NOBODY])
async def test_anybody_comes_in(site: Site, row: Row) -> None:
    assert (await ask(site.browser(), row)).status_code in row.ok


@rows(CLOSED)
async def test_nobody_comes_in_without_signing_in(site: Site, row: Row) -> None:
    await shut_out(site.browser(), row)


@rows(CLOSED)
async def test_an_ended_session_is_none(site: Site, row: Row) -> None:
    browser = await site.signed_in("ana")
    user = await users.user_by_name(site.engine, "ana")
    assert user
    await sessions.end_all(site.engine, user.id)
    await shut_out(browser, row)


@rows([row for row in CLOSED if row.bearer])
async def test_a_cookie_is_no_token(site: Site, row: Row) -> None:
    browser = await site.signed_in("ana")
    browser.bearer = None
    await shut_out(browser, row)


@rows([row for row in CLOSED if not row.bearer])
async def test_a_token_is_no_cookie(site: Site, row: Row) -> None:
    """Pages ask for no scope."""
    token = (await site.signed_in("ana")).bearer
    await shut_out(site.browser(), row, Authorization=f"Bearer {token}")


@rows(METER)
@pytest.mark.parametrize("name", MAY)
async def test_roles(site: Site, row: Row, name: str) -> None:
    allowed = row.needs in MAY[name]
    assert await status(await person(site, name), row) in (row.ok if allowed else {403})


@rows(METER)
@pytest.mark.parametrize("name", ["bruno", "alba"])
async def test_anothers_meter_is_as_one_that_is_missing(site: Site, row: Row, name: str) -> None:
    browser = await person(site, name)
    there, nowhere = await ask(browser, row), await ask(browser, row, MISSING)
    assert there.status_code == nowhere.status_code == 404
    assert await there.get_data(as_text=True) == await nowhere.get_data(as_text=True)


@rows([row for row in CLOSED if "{meter}" not in row.path])
@pytest.mark.parametrize("name", ["ana", "alba"])
async def test_users_and_administrators(site: Site, row: Row, name: str) -> None:
    allowed = row.needs is Needs.USER or name == "alba"
    assert await status(await person(site, name), row) in (row.ok if allowed else {404})


@rows(UNSAFE)
async def test_a_change_that_another_site_asked_for_is_refused(site: Site, row: Row) -> None:
    browser, other = await person(site, "alba"), await site.signed_in("bruno")
    own, foreign = await browser.token(), await other.token()
    for proof, headers in (
        (own, {"Origin": "https://otro.example"}),
        (own, {"Sec-Fetch-Site": "cross-site"}),
        (own, {"Sec-Fetch-Site": "same-site"}),
        (foreign, {}),
        ("0" * 64, {}),
    ):
        assert (await ask(browser, row, token=proof, **headers)).status_code == 403
