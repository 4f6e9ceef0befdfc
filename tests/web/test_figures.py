"""Energies of today and of the month beside as much of yesterday and of the month before."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import update

from enertrack.domain.reading import Reading
from enertrack.stores.database import connection
from enertrack.stores.nodes import Node, all_nodes
from enertrack.stores.tables import nodos
from enertrack.web.figures import Figures, measure
from tests.web.conftest import BUENOS_AIRES, OWN, Site
from tests.web.test_consumption import integral_wh, readings

ZONE = ZoneInfo(BUENOS_AIRES)
NOW = int(datetime(2026, 6, 17, 15, 7, tzinfo=ZONE).timestamp())
"""Within a quarter of an hour."""


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())


async def node_of(site: Site) -> Node:
    return next(n for n in await all_nodes(site.engine) if n.id == site.own)


async def measured(site: Site, found: list[Reading], now: int = NOW) -> Figures:
    await site.keep(site.own, found)
    return (await measure(site.store, [await node_of(site)], now))[site.own]


async def test_each_is_the_integral_until_this_time(site: Site) -> None:
    found = await measured(site, readings(midnight(date(2026, 4, 28)), NOW))
    until_now = NOW // 300 * 300  # the newest reading
    assert found.today_wh == pytest.approx(integral_wh(midnight(date(2026, 6, 17)), until_now), abs=1.5)
    assert found.month_wh == pytest.approx(integral_wh(midnight(date(2026, 6, 1)), until_now), abs=1.5)
    # Within a quarter of an hour energy is shared by time: 7 of its 15 minutes.
    assert found.day
    assert found.month
    assert (found.day.now_wh, found.month.now_wh) == (found.today_wh, found.month_wh)
    for shown, first, days in ((found.day.then_wh, date(2026, 6, 16), 1), (found.month.then_wh, date(2026, 5, 1), 31)):
        quarter = NOW // 900 * 900 - days * 86_400
        whole = integral_wh(midnight(first), quarter)
        assert shown == pytest.approx(whole + 7 / 15 * integral_wh(quarter, quarter + 900), abs=2)


async def test_nothing_is_compared_with_a_day_that_was_hardly_measured(site: Site) -> None:
    found = await measured(site, readings(midnight(date(2026, 6, 16)) + 6 * 3600, NOW))
    assert found.day is None
    assert found.month is None
    assert found.today_wh


async def test_a_meter_that_never_spoke_has_no_figures(site: Site) -> None:
    found = (await measure(site.store, [await node_of(site)], NOW))[site.own]
    assert (found.today_wh, found.month_wh, found.course) == (None, None, [])


async def test_course_leaves_gaps(site: Site) -> None:
    start = midnight(date(2026, 6, 17))
    all_of_it = readings(start, NOW)
    found = await measured(site, [r for r in all_of_it if not start + 4 * 3600 < r.t <= start + 8 * 3600])
    assert len(found.course) == 2


@pytest.mark.parametrize(
    ("day", "days", "whole"),
    [
        (date(2026, 3, 31), 28, True),
        (date(2026, 3, 29), 28, True),
        (date(2026, 3, 28), 28, False),
        (date(2024, 3, 31), 29, True),
        (date(2026, 6, 1), 1, False),
    ],
)
async def test_months_are_compared_by_the_days_that_both_have(site: Site, day: date, days: int, *, whole: bool) -> None:
    now, month = midnight(day) + 15 * 3600, midnight(day.replace(day=1))
    before = midnight((day.replace(day=1) - timedelta(1)).replace(day=1))
    found = (await measured(site, readings(before - 86_400, now), now)).month
    assert found
    length_s = days * 86_400 if whole else (days - 1) * 86_400 + 15 * 3600
    assert found.then_wh == pytest.approx(integral_wh(before, before + length_s), abs=2)
    assert found.now_wh == pytest.approx(integral_wh(month, month + length_s), abs=2)


async def test_a_day_in_which_the_meter_fell_silent_is_not_compared(site: Site) -> None:
    today = midnight(date(2026, 6, 17))
    found = await measured(site, readings(today - 3 * 86_400, today + 6 * 3600))
    assert found.day is None
    assert found.today_wh == pytest.approx(integral_wh(today, today + 6 * 3600), abs=1.5)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 14), (date(2026, 10, 25), 16)])
async def test_yesterday_is_until_what_the_clock_shows_now(site: Site, day: date, hours: int) -> None:
    zone = ZoneInfo("Europe/Madrid")
    node = msgspec.structs.replace(await node_of(site), zona_horaria=zone.key)
    start, now = (int(datetime(day.year, day.month, day.day, h, tzinfo=zone).timestamp()) for h in (0, 15))
    async with connection(site.engine) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == site.own).values(zona_horaria=zone.key))
    await site.keep(site.own, readings(start - 3 * 86_400, now))
    found = (await measure(site.store, [node], now))[site.own].day
    assert found
    assert now - start == hours * 3600
    assert found.now_wh == pytest.approx(integral_wh(start, now), abs=1.5)
    assert found.then_wh == pytest.approx(integral_wh(start - 86_400, start - 9 * 3600), abs=1.5)


async def test_the_panel_says_it_in_words(site: Site) -> None:
    times = range(midnight(date(2026, 6, 15)), NOW, 300)
    steady = [Reading(t=t, dt=300, seq=i, energia_wh=25.0 * i, potencia=300) for i, t in enumerate(times)]
    await site.keep(site.own, steady)
    page = await (await site.signed_in("ana")).text("/")
    assert "Igual que ayer a esta hora" in page
    data = await (await site.signed_in("ana")).json("/panel/datos")
    assert data["cambio"]["dia"] == pytest.approx(0, abs=0.01)
    assert data["cambio"]["mes"] is None
    assert data["nodos"][OWN]["cambio"] == data["cambio"]
