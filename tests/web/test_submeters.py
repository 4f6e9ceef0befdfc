"""A main meter and what it measures in part: no sum counts a watt-hour twice."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update

from enertrack.domain.calendar import Period
from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.database import connection
from enertrack.stores.nodes import add_node, all_nodes, link_user
from enertrack.stores.tables import nodos, usuarios_nodos
from enertrack.web.consumption.heat import heat
from enertrack.web.consumption.report import report
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Site

SUB = "A0B76512C4D2"
ZONE = ZoneInfo(BUENOS_AIRES)
MIDNIGHT = int(datetime(2026, 6, 17, tzinfo=ZONE).timestamp())
STEP_S = 300


def steady(start: int, stop: int, watts: float) -> list[Reading]:
    return [
        Reading(t=t, dt=STEP_S if i else 0, seq=i, energia_wh=watts * (t - start) / 3600, potencia=watts, tension=220.0)
        for i, t in enumerate(range(start, stop + 1, STEP_S))
    ]


@pytest.fixture
async def sub(site: Site) -> int:
    """A meter of 200 W under ana's, which shows 500 W since the midnight before."""
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    node = await add_node(site.engine, esp_id=SUB, nombre="Cocina", zona_horaria=BUENOS_AIRES)
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="propietario")
    async with connection(site.engine) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == node).values(padre_id=site.own))
    await site.keep(site.own, steady(MIDNIGHT, NOW, 500.0))
    await site.keep(node, steady(MIDNIGHT - 2 * 86_400, NOW, 200.0))
    return node


@pytest.mark.usefixtures("sub")
async def test_panel_counts_the_main_meter_alone(site: Site) -> None:
    browser = await site.signed_in("ana")
    data = await browser.json("/panel/datos")
    assert data["total"]["today_wh"] == pytest.approx(15 * 500)
    assert data["nodos"][SUB]["hoy_wh"] == pytest.approx(15 * 200)
    assert data["nodos"][OWN]["resto_wh"] == pytest.approx(15 * 300)
    assert data["nodos"][SUB]["resto_wh"] is None
    page = await browser.text("/")
    assert page.index("Casa de ana") < page.index("Cocina")
    assert "parte de Casa de ana" in page
    assert 'data-kpi="potencia" data-decimals="0">500<' in " ".join(page.split())


@pytest.mark.usefixtures("sub")
async def test_meters_page_tells_where_its_energy_goes(site: Site) -> None:
    browser = await site.signed_in("ana")
    page = " ".join((await browser.text(f"/nodos/{OWN}")).split())
    assert "<span>3,00 kWh</span>" in page
    assert "<span>Sin medir</span> <span>4,50 kWh</span>" in page
    assert f'<a href="/nodos/{OWN}">Casa de ana</a>' in await browser.text(f"/nodos/{SUB}")


async def test_consumption_counts_once_where_the_main_meter_is_there(site: Site, sub: int) -> None:
    nodes = [n for n in await all_nodes(site.engine) if n.id in {site.own, sub}]
    found = await report(site.store, nodes, {sub: site.own}, Period.DAY, datetime.fromtimestamp(NOW, ZONE).date(), NOW)
    by_day = {b.label: b.energy_wh for b in found.bins if b.energy_wh is not None}
    assert by_day["2026-06-17"] == pytest.approx(15 * 500)
    assert by_day["2026-06-16"] == pytest.approx(24 * 200)  # the main meter was not there yet
    assert found.total_wh == pytest.approx(15 * 500 + 48 * 200)
    assert found.by_node[sub] == pytest.approx(15 * 200 + 48 * 200)
    alone = await report(
        site.store, [n for n in nodes if n.id == sub], {sub: site.own}, Period.HOUR, date(2026, 6, 17), NOW
    )
    assert alone.total_wh == pytest.approx(15 * 200)


@pytest.mark.usefixtures("sub")
async def test_panel_says_of_the_month_what_consumption_says(site: Site, sub: int) -> None:
    nodes = [n for n in await all_nodes(site.engine) if n.id in {site.own, sub}]
    data = await (await site.signed_in("ana")).json("/panel/datos")
    for period, label in ((Period.DAY, None), (Period.MONTH, "2026-06"), (Period.YEAR, "2026")):
        found = await report(site.store, nodes, {sub: site.own}, period, date(2026, 6, 17), NOW)
        shown = [b.energy_wh for b in found.bins if label in {None, b.label} and b.energy_wh]
        assert sum(shown) == found.total_wh == pytest.approx(15 * 500 + 48 * 200)
        assert found.rest == {site.own: pytest.approx(15 * 300)}
    assert data["total"]["month_wh"] == pytest.approx(15 * 500 + 48 * 200)


async def test_a_main_meter_that_fell_silent_hides_nothing(site: Site, sub: int) -> None:
    tomorrow = MIDNIGHT + 86_400
    later = tomorrow + 23 * 3600
    await site.keep(site.own, steady(MIDNIGHT, tomorrow + 3 * 3600, 500.0))
    await site.keep(sub, steady(MIDNIGHT - 2 * 86_400, later, 200.0))
    object.__setattr__(site.services, "now", lambda: later)
    data = await (await site.signed_in("ana")).json("/panel/datos")
    nodes = [n for n in await all_nodes(site.engine) if n.id in {site.own, sub}]
    found = await report(site.store, nodes, {sub: site.own}, Period.DAY, date(2026, 6, 18), later)
    today = next(b.energy_wh for b in found.bins if b.label == "2026-06-18")
    assert data["total"]["today_wh"] == today == pytest.approx(23 * 200)


async def test_meters_of_which_the_one_between_is_not_chosen_or_not_theirs(site: Site, sub: int) -> None:
    lamp = await add_node(site.engine, esp_id="A0B76512C4D3", nombre="Luz", zona_horaria=BUENOS_AIRES)
    async with connection(site.engine) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == lamp).values(padre_id=sub))
        await conn.execute(delete(usuarios_nodos).where(usuarios_nodos.c.nodo_id == sub))
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    await link_user(site.engine, user_id=ana.id, node_id=lamp, rol="lector")
    await site.keep(lamp, steady(MIDNIGHT, NOW, 100.0))
    browser = await site.signed_in("ana")
    assert (await browser.json("/panel/datos"))["total"]["today_wh"] == pytest.approx(15 * 500)
    assert 'data-kpi="potencia" data-decimals="0">500<' in " ".join((await browser.text("/")).split())
    page = await browser.text("/consumo?periodo=hora&fecha=2026-06-17")
    assert 'id="total">7,50<' in page
    await link_user(site.engine, user_id=ana.id, node_id=sub, rol="lector")
    page = await browser.text(f"/consumo?periodo=hora&fecha=2026-06-17&nodo={OWN}&nodo=A0B76512C4D3")
    assert 'id="total">7,50<' in page


async def test_map_of_the_year_counts_once_too(site: Site, sub: int) -> None:
    nodes = [n for n in await all_nodes(site.engine) if n.id in {site.own, sub}]
    found = await heat(site.store, nodes, {sub: site.own}, 2026, NOW)
    assert len(found.wh) == 365 * 24
    today = (date(2026, 6, 17) - found.desde).days * 24
    assert found.wh[today : today + 24] == [500] * 15 + [None] * 9
    assert found.wh[today - 24 : today] == [200] * 24
