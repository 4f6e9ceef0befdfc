"""How often each page asks the tables: as often with ten meters as with one, and a handful of times at most."""

from dataclasses import replace

import pytest

from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.nodes import add_node, link_user
from enertrack.web.recent import Recent
from tests.web.access.rows import AREAS, CONSUMPTION, NODES, PANEL
from tests.web.access.table import Row
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Site
from tests.web.statements import statements

MOST = 5
VIEWS = [row for area in (PANEL, NODES, CONSUMPTION) for row in area if row.method == "GET" and not row.stream]
ALL = [row for area in AREAS for row in area if row.method == "GET" and not row.stream]


async def with_meters(site: Site, more: int) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    ids = [site.own]
    for i in range(more):
        node = await add_node(site.engine, esp_id=f"A0B76512D{i:03}", nombre=f"Más {i}", zona_horaria=BUENOS_AIRES)
        await link_user(site.engine, user_id=ana.id, node_id=node, rol="propietario")
        ids.append(node)
    for node in ids:
        await site.keep(node, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100, tension=231.4)])


async def asked_by(site: Site, row: Row) -> int:
    browser = await site.signed_in("ana")
    site.app.extensions["enertrack"] = replace(site.services, recent=Recent())
    with statements(site) as asked:
        await browser.get(row.path.format(meter=OWN), **({"Accept": "application/json"} if row.data else {}))
    return len(asked)


@pytest.mark.parametrize("row", VIEWS, ids=lambda row: row.path)
async def test_a_page_asks_no_oftener_for_more_meters(site: Site, row: Row) -> None:
    await with_meters(site, 0)
    once = await asked_by(site, row)
    await with_meters(site, 9)
    assert await asked_by(site, row) == once


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.path)
async def test_a_page_asks_a_handful_of_times(site: Site, row: Row) -> None:
    await with_meters(site, 3)
    assert await asked_by(site, row) <= MOST
