"""SQL and Flux, and numbers that are none, through every parameter of every route."""

from urllib.parse import quote

import pytest

from tests.web.access.people import SAFE, named, person, rows
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs, Row
from tests.web.attacks.corpus import FLUX, PATHS, SQL
from tests.web.attacks.injection import attack, people, visitor
from tests.web.conftest import OWN, Site

READ = [row for row in ROWS if row.method in SAFE and not row.stream]
WRITE = [row for row in ROWS if row.method not in SAFE and not row.bearer]
METER = [row for row in ROWS if "{meter}" in row.path and row.method in SAFE and not row.stream]


async def test_addresses(site: Site, subtests: pytest.Subtests) -> None:
    ana, alba, stranger = await site.signed_in("ana"), await person(site, "alba"), site.browser()
    before = await people(site)
    for row in READ:
        with subtests.test(named(row)):
            who = {Needs.NOBODY: stranger, Needs.ADMIN: alba}.get(row.needs, ana)
            assert await attack(site, row, who) == []
            assert await people(site) == before


@rows(WRITE)
async def test_forms(site: Site, row: Row) -> None:
    before = await people(site)
    assert await attack(site, row, await visitor(site, row)) == []
    changed = [p[2:] for p in await people(site)] != [p[2:] for p in before]
    assert not changed or row.needs is Needs.ADMIN, "who may come in or administer is no matter of a field"


async def test_ids_of_meters(site: Site, subtests: pytest.Subtests) -> None:
    """What is no meter of one's own is not found, whatever it says."""
    browser = await site.signed_in("ana")
    for row in METER:
        with subtests.test(named(row)):
            for value in [*SQL, *FLUX, *PATHS, OWN.lower(), f"{OWN} ", f"{OWN}'", OWN[:-1] + "_", "%", "0" * 400]:
                path = row.path.format(meter=quote(value, safe=""))
                answer = await (browser.call(path) if row.bearer else browser.get(path))
                assert answer.status_code in {303, 308, 400, 404, 405, 422}, value
                assert "Casa de" not in await answer.get_data(as_text=True) or answer.status_code == 303


@pytest.mark.parametrize("value", SQL)
async def test_no_name_signs_in_without_its_password(site: Site, value: str) -> None:
    for name in (value, f"ana{value}"):
        site.services.guesses.give_back(["direccion:127.0.0.1"])
        answer = await site.browser().enter(name, value)
        assert answer.status_code in {400, 401, 422}
