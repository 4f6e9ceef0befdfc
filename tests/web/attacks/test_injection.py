"""SQL and Flux, and numbers that are none, through every parameter of every route."""

import re
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


@pytest.mark.parametrize("number", [0, 2**32, 2**63, 2**64, 2**70, int("9" * 400)])
async def test_numbers_of_rows_that_cannot_be(site: Site, number: int) -> None:
    """More than a column holds, or than a database takes: there is no such row."""
    ana, alba = await site.signed_in("ana"), await person(site, "alba")
    found = [rule for rule in site.app.url_map.iter_rules() if "number" in rule.arguments]
    assert len(found) > 8
    for rule in found:
        path = re.sub("<[^>]*number>", str(number), rule.rule.replace("<esp_id>", OWN))
        [method] = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        who = alba if rule.endpoint.startswith("admin") else ana
        if path.startswith("/api/"):
            answer = await who.call(path, method)
        elif method == "GET":
            answer = await who.get(path)
        else:
            answer = await who.send(path)
        assert answer.status_code == 404, path


@pytest.mark.parametrize("value", SQL)
async def test_no_name_signs_in_without_its_password(site: Site, value: str) -> None:
    for name in (value, f"ana{value}"):
        site.services.guesses.give_back(["direccion:127.0.0.1"])
        answer = await site.browser().enter(name, value)
        assert answer.status_code in {400, 401, 422}
