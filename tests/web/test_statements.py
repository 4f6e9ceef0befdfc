"""How often each page asks the tables: as often with ten meters as with one, and a handful of times at most."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.nodes import add_node, link_user
from enertrack.web.recent import Recent
from tests.web.access.rows import AREAS, CONSUMPTION, NODES, PANEL
from tests.web.access.table import Row
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Site

MOST = 5
VIEWS = [row for area in (PANEL, NODES, CONSUMPTION) for row in area if row.method == "GET" and not row.stream]
ALL = [row for area in AREAS for row in area if row.method == "GET" and not row.stream]


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(site.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(site.engine.sync_engine, "before_cursor_execute", note)


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


async def statements(site: Site, row: Row) -> int:
    browser = await site.signed_in("ana")
    site.app.extensions["enertrack"] = replace(site.services, recent=Recent())
    with counted(site) as sent:
        await browser.get(row.path.format(meter=OWN), **({"Accept": "application/json"} if row.data else {}))
    return len(sent)


@pytest.mark.parametrize("row", VIEWS, ids=lambda row: row.path)
async def test_a_page_asks_no_oftener_for_more_meters(site: Site, row: Row) -> None:
    await with_meters(site, 0)
    once = await statements(site, row)
    await with_meters(site, 9)
    assert await statements(site, row) == once


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.path)
async def test_a_page_asks_a_handful_of_times(site: Site, row: Row) -> None:
    await with_meters(site, 3)
    assert await statements(site, row) <= MOST
