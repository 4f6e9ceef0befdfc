"""/consumo against an integral that knows nothing of windows."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from enertrack.domain.calendar import Period
from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.nodes import add_node, all_nodes, link_user
from enertrack.web.consumption.heat import heat
from enertrack.web.consumption.report import report
from tests.web.conftest import BUENOS_AIRES, FOREIGN, NOW, OWN, Site

ZONE = ZoneInfo(BUENOS_AIRES)
MADRID = ZoneInfo("Europe/Madrid")
STEP_S = 300


def at(zone: ZoneInfo, *parts: int) -> int:
    return int(datetime(*parts, tzinfo=zone).timestamp())  # type: ignore[arg-type,misc]


def power_w(t: int) -> float:
    """What the invented meter draws over the five minutes before ``t``."""
    return 200 + (t // STEP_S * 37) % 900


def readings(start: int, stop: int) -> list[Reading]:
    """Readings with a register in whole Wh, as a PZEM keeps it."""
    energy, found = 0.0, []
    for i, t in enumerate(range(start, stop + 1, STEP_S)):
        dt = STEP_S if i else 0
        energy += power_w(t) * dt / 3600
        found.append(Reading(t=t, dt=dt, seq=i, energia_wh=float(int(energy)), potencia=power_w(t)))
    return found


def integral_wh(start: int, stop: int) -> float:
    """Energy over (start, stop] of the power itself."""
    return sum(power_w(t) * STEP_S / 3600 for t in range(start + STEP_S, stop + 1, STEP_S))


def shown(page: str) -> dict[str, float | None]:
    """The table: kWh by bin."""
    rows = re.findall(r'<tr data-bin="([^"]+)".*?</th>\s*<td class="text-end">\s*([\d.,]+|—)', page, re.DOTALL)
    return {label: None if kwh == "—" else float(kwh.replace(".", "").replace(",", ".")) for label, kwh in rows}


def total(page: str) -> float:
    """The table's kWh, with all decimals."""
    found = re.search(r'<tfoot>.*?<td class="text-end fw-semibold">([\d.,]+)<', page, re.DOTALL)
    assert found
    return float(found[1].replace(".", "").replace(",", "."))


async def test_days_of_the_month_are_the_integral_of_each(site: Site) -> None:
    first = at(ZONE, 2026, 6, 9, 22)
    await site.keep(site.own, readings(first, NOW))
    page = await (await site.signed_in()).text("/consumo?periodo=dia&fecha=2026-06-17")
    rows = shown(page)
    assert len(rows) == 30
    for day in range(1, 31):
        begin = at(ZONE, 2026, 6, day)
        wh = integral_wh(max(begin, first), min(begin + 86_400, NOW))
        kwh = rows[f"2026-06-{day:02}"]
        assert kwh == (pytest.approx(wh / 1000, abs=0.0015) if wh else None)
    assert total(page) == pytest.approx(integral_wh(first, NOW) / 1000, abs=0.0015)


async def test_hours_add_up_to_the_day_and_days_to_the_month(site: Site) -> None:
    await site.keep(site.own, readings(at(ZONE, 2026, 6, 14), NOW))
    browser = await site.signed_in()
    day = total(await browser.text("/consumo?periodo=hora&fecha=2026-06-16"))
    days = shown(await browser.text("/consumo?periodo=dia&fecha=2026-06-16"))
    assert day == days["2026-06-16"]
    month = total(await browser.text("/consumo?periodo=dia&fecha=2026-06-16"))
    assert shown(await browser.text("/consumo?periodo=mes&fecha=2026-06-16"))["2026-06"] == month
    assert shown(await browser.text("/consumo?periodo=anio&fecha=2026-06-16"))["2026"] == month


async def test_day_with_daylight_saving_has_25_hours(site: Site) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana is not None
    node = await add_node(site.engine, esp_id="A0B76512C4D2", nombre="Madrid", zona_horaria="Europe/Madrid")
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="lector")
    start, stop = at(MADRID, 2025, 10, 26), at(MADRID, 2025, 10, 27)
    await site.keep(node, readings(start - STEP_S, stop + STEP_S))
    page = await (await site.signed_in()).text("/consumo?periodo=hora&fecha=2025-10-26&nodo=A0B76512C4D2")
    rows = shown(page)
    assert len(rows) == 25
    assert {"02:00 +02:00", "02:00 +01:00"} <= rows.keys()
    assert stop - start == 25 * 3600
    assert total(page) == pytest.approx(integral_wh(start, stop) / 1000, abs=0.0015)


async def test_hours_of_two_zones_stand_in_the_order_of_clocks(site: Site) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana is not None
    node = await add_node(site.engine, esp_id="A0B76512C4D2", nombre="Madrid", zona_horaria="Europe/Madrid")
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="lector")
    days = [(date(2025, 10, 26), 25), (date(2026, 3, 29), 24), (date(2026, 3, 28), 24)]
    for which in (site.own, node):
        await site.keep(which, readings(at(MADRID, 2025, 10, 25), at(ZONE, 2025, 10, 27)))
        await site.keep(which, readings(at(MADRID, 2026, 3, 28), at(ZONE, 2026, 3, 30)))
    both = [n for n in await all_nodes(site.engine) if n.id in {site.own, node}]
    for nodes in (both, both[::-1]):
        for day, hours in days:
            found = await report(site.store, nodes, {}, Period.HOUR, day, NOW)
            assert [b.slot[:2] for b in found.bins] == sorted(b.slot[:2] for b in found.bins)
            assert len(found.bins) == hours
            midnight = [(at(z, day.year, day.month, day.day), z) for z in (ZONE, MADRID)]
            ends = [at(z, *(day + timedelta(1)).timetuple()[:3]) for z in (ZONE, MADRID)]
            whole = sum(integral_wh(start, end) for (start, _), end in zip(midnight, ends, strict=True))
            assert found.total_wh == pytest.approx(whole, abs=3)


async def test_map_of_the_year_on_days_of_23_and_25_hours(site: Site) -> None:
    node_id = await add_node(site.engine, esp_id="A0B76512C4D2", nombre="Madrid", zona_horaria="Europe/Madrid")
    for day in ((2026, 3, 29), (2025, 10, 26)):
        start = at(MADRID, *day)
        await site.keep(node_id, readings(start - 3600, start + 26 * 3600))
    [node] = [n for n in await all_nodes(site.engine) if n.id == node_id]
    for day, hours, at_two in (((2026, 3, 29), 23, 0), ((2025, 10, 26), 25, 2)):
        found = await heat(site.store, [node], {}, day[0], NOW)
        first = (date(*day) - found.desde).days * 24
        cells = found.wh[first : first + 24]
        begin = at(MADRID, *day)
        assert cells[2] == (
            pytest.approx(integral_wh(begin + 7200, begin + 7200 + at_two * 3600), abs=2) if at_two else None
        )
        assert sum(wh or 0 for wh in cells) == pytest.approx(integral_wh(begin, begin + hours * 3600), abs=13)


async def test_meters_of_two_zones_join_by_local_date(site: Site) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana is not None
    node = await add_node(site.engine, esp_id="A0B76512C4D2", nombre="Madrid", zona_horaria="Europe/Madrid")
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="lector")
    for which in (site.own, node):
        await site.keep(which, readings(at(MADRID, 2026, 6, 13), NOW))
    page = await (await site.signed_in()).text("/consumo?periodo=dia&fecha=2026-06-17")
    expected = sum(integral_wh(at(z, 2026, 6, 15), at(z, 2026, 6, 16)) for z in (ZONE, MADRID))
    assert shown(page)["2026-06-15"] == pytest.approx(expected / 1000, abs=0.003)


async def test_choosing_meters(site: Site) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana is not None
    await link_user(site.engine, user_id=ana.id, node_id=site.foreign, rol="lector")
    start = at(ZONE, 2026, 6, 16)
    await site.keep(site.own, readings(start, NOW))
    await site.keep(site.foreign, readings(start, NOW))
    browser = await site.signed_in()
    both, one = total(await browser.text("/consumo")), total(await browser.text(f"/consumo?nodo={OWN}"))
    assert total(await browser.text(f"/consumo?nodo={OWN}&nodo={FOREIGN}")) == both
    assert both == pytest.approx(2 * one)


async def test_mean_power_is_over_the_time_that_has_passed(site: Site) -> None:
    start = at(ZONE, 2026, 6, 17)
    await site.keep(site.own, readings(start, NOW))
    [node] = [n for n in await all_nodes(site.engine) if n.id == site.own]
    found = await report(site.store, [node], {}, Period.HOUR, date(2026, 6, 17), NOW)
    assert found.mean_w == pytest.approx(integral_wh(start, NOW) / 15, rel=0.001)
    assert found.peak is not None
    assert found.peak.energy_wh == max(b.energy_wh for b in found.bins if b.energy_wh is not None)
    assert [b.energy_wh for b in found.bins[15:]] == [None] * 9


async def test_new_meter_is_measured_from_its_first_day_on(site: Site) -> None:
    start = at(ZONE, 2025, 11, 1, 12)
    await site.keep(site.own, readings(start, at(ZONE, 2025, 12, 1)) + readings(at(ZONE, 2026, 6, 1), NOW))
    [node] = [n for n in await all_nodes(site.engine) if n.id == site.own]
    last_year = await report(site.store, [node], {}, Period.YEAR, date(2026, 6, 17), NOW)
    assert last_year.mean_w == pytest.approx(last_year.total_wh / ((NOW - at(ZONE, 2025, 11, 1)) / 3600))
    this_year = await report(site.store, [node], {}, Period.MONTH, date(2026, 6, 17), NOW)
    assert this_year.before.since is not None
    assert this_year.before.since.label == "2025-11"
    page = await (await site.signed_in()).text("/consumo?periodo=mes&fecha=2026-06-17")
    assert "solo desde noviembre 2025" in page


async def test_period_without_readings_says_so(site: Site) -> None:
    browser = await site.signed_in()
    assert "No hay lecturas en este período." in await browser.text("/consumo")
    await site.keep(site.own, readings(at(ZONE, 2026, 6, 17), NOW))
    assert "No hay lecturas en este período." not in await browser.text("/consumo")


async def test_whole_period_before_needs_no_remark(site: Site) -> None:
    await site.keep(site.own, readings(at(ZONE, 2026, 6, 16), NOW))
    page = await (await site.signed_in()).text("/consumo?periodo=hora&fecha=2026-06-17")
    assert "solo desde" not in page


async def test_comparison_is_with_as_much_of_the_period_before(site: Site) -> None:
    await site.keep(site.own, readings(at(ZONE, 2026, 6, 16), NOW))
    [node] = [n for n in await all_nodes(site.engine) if n.id == site.own]
    found = await report(site.store, [node], {}, Period.HOUR, date(2026, 6, 17), NOW)
    midnight = at(ZONE, 2026, 6, 17)
    before = integral_wh(midnight - 86_400, NOW - 86_400)
    assert found.before.total_wh == pytest.approx(integral_wh(midnight - 86_400, midnight), abs=1.5)
    assert found.before.change == pytest.approx(integral_wh(midnight, NOW) / before - 1, abs=0.001)


async def test_meter_that_never_sent_does_not_spoil_the_comparison(site: Site) -> None:
    await site.keep(site.own, readings(at(ZONE, 2026, 6, 16), NOW))
    silent = await add_node(site.engine, esp_id="A0B76512C4D2", nombre="Nuevo", zona_horaria=BUENOS_AIRES)
    nodes = [n for n in await all_nodes(site.engine) if n.id in {site.own, silent}]
    alone = [n for n in nodes if n.id == site.own]
    for parents in ({}, {silent: site.own}, {site.own: silent}):
        found = await report(site.store, nodes, parents, Period.HOUR, date(2026, 6, 17), NOW)
        assert found.before.change is not None
        assert found == await report(site.store, alone, {}, Period.HOUR, date(2026, 6, 17), NOW)


async def test_gap_is_shared_and_marked(site: Site) -> None:
    all_of_it = readings(at(ZONE, 2026, 6, 14), NOW)
    night = at(ZONE, 2026, 6, 15, 12), at(ZONE, 2026, 6, 16, 12)
    await site.keep(site.own, [r for r in all_of_it if not night[0] < r.t < night[1]])
    page = await (await site.signed_in()).text("/consumo?periodo=dia&fecha=2026-06-17")
    assert total(page) == pytest.approx(integral_wh(all_of_it[0].t, NOW) / 1000, abs=0.0015)
    assert "~" in page


async def test_register_far_before_the_month_is_found(site: Site) -> None:
    start, later = at(ZONE, 2026, 4, 1), at(ZONE, 2026, 6, 10)
    energy = 61 * 24 * 100.0 + 9 * 24 * 100.0
    await site.keep(site.own, [Reading(t=start, dt=0, seq=1, energia_wh=0.0, potencia=100.0)])
    await site.keep(site.own, [Reading(t=later, dt=60, seq=2, energia_wh=energy, potencia=100.0)])
    page = await (await site.signed_in()).text("/consumo?periodo=dia&fecha=2026-06-10")
    assert total(page) == pytest.approx(9 * 2.4, abs=0.001)


@pytest.mark.parametrize(
    "query", ["periodo=siglo", "fecha=ayer", "fecha=0001-01-01", "fecha=9999-12-31", "nodo=", "periodo="]
)
async def test_senseless_choice_shows_this_month(site: Site, query: str) -> None:
    page = await (await site.signed_in()).text(f"/consumo?{query}")
    assert "2026-06-17" in page


@pytest.mark.parametrize(
    "path", ["/consumo?", "/consumo/calor?", "/consumo/calor/datos?", "/consumo/exportar?", f"/consumo?nodo={OWN}&"]
)
async def test_anothers_meter_is_as_one_that_is_missing(site: Site, path: str) -> None:
    browser = await site.signed_in()
    answers = [await browser.get(f"{path}nodo={esp_id}") for esp_id in (FOREIGN, "A0B76512C4DF", "%27")]
    assert {a.status_code for a in answers} == {404}
    assert len({await a.get_data(as_text=True) for a in answers}) == 1


@pytest.mark.parametrize("period", list(Period))
async def test_neighbouring_periods_lead_to_each_other(site: Site, period: Period) -> None:
    browser = await site.signed_in()
    page = await browser.text(f"/consumo?periodo={period}&fecha=2020-02-29")
    links = re.findall(r'btn-icon"\s+href="([^"]+)"', page)
    assert len(links) == 2
    for link in links:
        other = await browser.text(link.replace("&amp;", "&"))
        back = re.findall(r'btn-icon"\s+href="([^"]+)"', other)
        heading = re.search(r"<h2[^>]*>([^<]+)</h2>", page)
        assert heading
        pages = [await browser.text(b.replace("&amp;", "&")) for b in back]
        assert any(heading[1] in p for p in pages)


async def test_nothing_ahead_of_today(site: Site) -> None:
    page = await (await site.signed_in()).text("/consumo?periodo=dia&fecha=2026-06-17")
    assert len(re.findall(r'btn-icon"\s+href=', page)) == 1


async def test_panel_shows_today_and_month(site: Site) -> None:
    first = at(ZONE, 2026, 5, 30)
    await site.keep(site.own, readings(first, NOW))
    data = await (await site.signed_in()).json("/panel/datos")
    today, month = at(ZONE, 2026, 6, 17), at(ZONE, 2026, 6, 1)
    assert data["total"]["today_wh"] == pytest.approx(integral_wh(today, NOW), abs=1.5)
    assert data["total"]["month_wh"] == pytest.approx(integral_wh(month, NOW), abs=1.5)
    assert data["nodos"][OWN]["estado"] == "activo"


async def test_first_day_of_a_month(site: Site) -> None:
    await site.keep(site.own, readings(at(ZONE, 2026, 5, 30), NOW))
    object.__setattr__(site.services, "now", lambda: at(ZONE, 2026, 6, 1, 6))
    data = await (await site.signed_in()).json("/panel/datos")
    assert data["total"]["today_wh"] == data["total"]["month_wh"]
