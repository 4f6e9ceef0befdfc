"""Changes that another site has a browser ask for; beside what the table of access tries on each route."""

import pytest
from quart import Response

from tests.web.access.people import SAFE, ask, fields, named, person
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs
from tests.web.conftest import OWN, Browser, Site

UNSAFE = [row for row in ROWS if row.method not in SAFE and not row.bearer]
FOREIGN = "https://otro.example"
ELSEWHERE: list[dict[str, str]] = [
    {"Origin": FOREIGN},
    {"Origin": "null"},
    {"Origin": "http://localhost:8006"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost.otro.example"},
    {"Origin": "http://LOCALHOST@otro.example"},
    {"Origin": "", "Referer": f"{FOREIGN}/ingresar"},
    {"Origin": "", "Referer": "http://localhost.otro.example/"},
    {"Origin": "", "Referer": "http://[::1"},
    {"Origin": FOREIGN, "Referer": "http://localhost/"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": ""},
    {"Sec-Fetch-Site": ""},
]


async def sent(browser: Browser, path: str, form: dict[str, str], method: str = "POST", **headers: str) -> Response:
    """A form with just these headers: an Origin of "" is none."""
    answer: Response = await getattr(browser.client, method.lower())(
        path, form=form, headers={"Accept": "text/html", **{k: v for k, v in headers.items() if v or k != "Origin"}}
    )
    return answer


async def test_where_it_comes_from_counts_though_the_proof_is_right(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "alba")
    proof = {"csrf": await browser.token()}
    for row in UNSAFE:
        path = row.path.format(meter=OWN)
        with subtests.test(named(row)):
            answers = [await sent(browser, path, fields(row) | proof, row.method, **headers) for headers in ELSEWHERE]
            assert {a.status_code for a in answers} == {403}


async def test_proof_is_looked_at_wherever_it_comes_from(site: Site, subtests: pytest.Subtests) -> None:
    """Old browsers say nothing of themselves; what they send must prove itself all the more."""
    browser, other, visitor = await person(site, "alba"), await site.signed_in("bruno"), site.browser()
    own = await browser.token()
    proofs = ["", "x", "0" * 64, "é", await other.token(), await visitor.token(), own.upper()]
    for row in UNSAFE:
        path = row.path.format(meter=OWN)
        with subtests.test(named(row)):
            answers = [await sent(browser, path, fields(row) | {"csrf": p}, row.method) for p in proofs]
            answers.append(await sent(browser, path, fields(row), row.method))
            answers.append(await sent(browser, f"{path}?csrf={own}", fields(row), row.method))
            assert {a.status_code for a in answers} == {403}


async def test_proof_of_a_session_that_ended_is_none(site: Site, subtests: pytest.Subtests) -> None:
    proof = await (await person(site, "alba")).token()
    again = await site.signed_in("alba")
    for row in UNSAFE:
        with subtests.test(named(row)):
            assert (await ask(again, row, token=proof)).status_code == 403


async def test_proof_of_the_visit_before_a_session_is_none(site: Site, subtests: pytest.Subtests) -> None:
    """Whoever planted the visit's cookie, or saw that page, knows it."""
    browser = await person(site, "alba")
    visitor = site.browser()
    proof, visit = await visitor.token(), visitor.cookie("enertrack_visita")
    assert visit
    browser.client.set_cookie("localhost", "enertrack_visita", visit)
    for row in UNSAFE:
        with subtests.test(named(row)):
            assert (await ask(browser, row, token=proof)).status_code == 403


async def test_cookie_opens_no_route_that_asks_for_a_token(site: Site, subtests: pytest.Subtests) -> None:
    """So that there is nothing a browser could be led to do there."""
    browser = await person(site, "ana")
    proof = {"csrf": await browser.token()}
    for row in (r for r in ROWS if r.bearer and r.needs is not Needs.NOBODY):
        path = row.path.format(meter=OWN)
        with subtests.test(named(row)):
            if row.stream:
                assert await browser.status(path) == 401
            elif row.method in SAFE:
                assert (await browser.get(path)).status_code == 401
            else:
                assert (await sent(browser, path, proof, row.method)).status_code == 401


@pytest.mark.parametrize("referer", ["", "http://localhost/", "http://localhost/consumo?a=b"])
async def test_browser_that_names_no_origin_is_let_in_from_our_own_page(site: Site, referer: str) -> None:
    browser = await site.signed_in()
    headers = {"Referer": referer} if referer else {}
    assert (await sent(browser, "/salir", {"csrf": await browser.token()}, **headers)).status_code == 303


async def test_signing_in_is_protected_too(site: Site) -> None:
    """Else a victim could be signed in to the attacker's account without noticing."""
    victim = site.browser()
    form = {"usuario": "bruno", "clave": "una clave larga"}
    assert (await sent(victim, "/ingresar", form)).status_code == 403
    assert (await sent(victim, "/ingresar", form | {"csrf": await site.browser().token()})).status_code == 403
    assert (await victim.get("/")).status_code == 303


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_nothing_changes_by_a_method_that_is_not_sent(site: Site, header: str) -> None:
    browser = await site.signed_in()
    assert (await browser.get("/salir?_method=POST", **{header: "POST"})).status_code == 405
    assert (await browser.post("/ingresar?_method=DELETE", {"_method": "DELETE"}, **{header: "GET"})).status_code == 403
    assert (await browser.get("/")).status_code == 200


async def test_safe_methods_are_only_those_that_change_nothing(site: Site) -> None:
    """A route that takes GET takes no other method beside it, so that none passes by the check."""
    mixed = [
        rule.rule
        for rule in site.app.url_map.iter_rules()
        if rule.methods and rule.methods & SAFE - {"OPTIONS"} and rule.methods - SAFE
    ]
    assert mixed == []


async def test_looking_changes_nothing(site: Site, subtests: pytest.Subtests) -> None:
    """A link or a picture on another site may have any page loaded."""
    browser = await person(site, "alba")
    before = await everything(site)
    for row in (r for r in ROWS if r.method in SAFE and not r.stream):
        with subtests.test(named(row)):
            await ask(browser, row)
            assert await everything(site) == before


async def everything(site: Site) -> dict[str, list[tuple[object, ...]]]:
    async with site.engine.connect() as conn:
        tables = (await conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {t: [tuple(row) for row in await conn.exec_driver_sql(f'SELECT * FROM "{t}"')] for t in tables}
