"""Summaries are mended wherever they do not follow from the readings."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from enertrack.domain.calendar import day_of
from enertrack.domain.energy import Step
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.domain.summary import EMPTY, Window, fold, summarize
from enertrack.ingest.context import Ingest
from enertrack.ingest.deadletters import DeadLetters
from enertrack.ingest.directory import Directory
from enertrack.ingest.metrics import Metrics
from enertrack.ingest.reconcile import differing, spans
from enertrack.ingest.request import asked
from enertrack.ingest.rollup import Group, groups, recompute
from enertrack.ingest.summaries import FULL, MADE_FOR, reconcile, round_
from enertrack.stores.measurements.protocol import NodeReading, NodeWindow
from enertrack.stores.nodes import Node
from enertrack.stores.states import get
from enertrack.stores.tables import nodos
from enertrack.supervise import THINGS, Health
from tests.ingest.conftest import ZONE, Bench
from tests.support.processes import eventually

BOARD = "A0B765000001"
KATHMANDU = "Asia/Kathmandu"
START = 1_760_000_400 // 86_400 * 86_400
MAX_W = 26_500.0
ALL = (0, 2**32)


def steady(start: int, n: int, step_s: int = 60) -> list[Reading]:
    """One reading a minute of a load of 600 W."""
    return [
        Reading(t=start + i * step_s, dt=step_s, seq=i, energia_wh=float(1000 + i * 10), potencia=600.0)
        for i in range(1, n + 1)
    ]


@contextlib.asynccontextmanager
async def prepared(bench: Bench, readings: list[Reading], zone: str = KATHMANDU) -> AsyncIterator[tuple[Ingest, Node]]:
    node_id = await bench.node(BOARD, zone=zone)
    await bench.store.write([NodeReading(node_id, r) for r in readings])
    with contextlib.closing(DeadLetters(bench.settings.enertrack_datos)) as dead:
        directory = Directory(bench.engine)
        await directory.refresh()
        work = Ingest(bench.settings, bench.store, bench.engine, Health(THINGS), directory, Metrics(), dead)
        yield work, directory.by_id[node_id]


async def mend(work: Ingest, node: Node) -> None:
    """Reconcile from the beginning, rounds running beside it."""

    async def rounds() -> None:
        while await work.touched.some(60):
            await round_(work)

    task = asyncio.ensure_future(rounds())
    await reconcile(work, node, 0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def summaries(bench: Bench, node: Node) -> dict[Resolution, list[Window]]:
    return {
        r: (await bench.store.windows(r, [node.id], *ALL))[node.id]
        for r in (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY)
    }


def expected(readings: list[Reading], zone: str) -> dict[Resolution, list[Window]]:
    """By the rules of the domain alone, hours and days folded from 15 minutes."""
    quarters: dict[int, list[Reading]] = {}
    for r in readings:
        quarters.setdefault((r.t - 1) // QUARTER_S * QUARTER_S, []).append(r)
    fine = [Window(s, s + QUARTER_S, summarize(quarters[s], MAX_W)) for s in sorted(quarters)]
    coarse: dict[Resolution, dict[tuple[int, int], list[Window]]] = {Resolution.HOUR: {}, Resolution.DAY: {}}
    for w in fine:
        hour = w.start // HOUR_S * HOUR_S
        coarse[Resolution.HOUR].setdefault((hour, hour + HOUR_S), []).append(w)
        coarse[Resolution.DAY].setdefault(day_of(w.end, ZoneInfo(zone)), []).append(w)
    folded = {
        r: [Window(start, end, fold((w.summary for w in ws), MAX_W)) for (start, end), ws in spans_.items()]
        for r, spans_ in coarse.items()
    }
    return {Resolution.QUARTER: fine, **folded}


def test_touched_windows_are_asked_for_in_runs_that_nodes_share() -> None:
    a, b = START, START + 10 * QUARTER_S
    touched = {1: {a, a + QUARTER_S, b}, 2: {b}, 3: {a, a + QUARTER_S}}
    assert list(groups(touched)) == [
        Group(a, a + 2 * QUARTER_S, [1, 3]),
        Group(b, b + QUARTER_S, [1, 2]),
    ]


def test_long_runs_are_cut() -> None:
    found = list(groups({1: {START + i * QUARTER_S for i in range(200)}}))
    assert [(g.stop - g.start) // QUARTER_S for g in found] == [96, 96, 8]


async def test_what_was_never_summarized_is_made_as_the_domain_says(bench: Bench) -> None:
    readings = steady(START, 3 * 1440)
    async with prepared(bench, readings) as (work, node):
        await mend(work, node)
        assert await summaries(bench, node) == expected(readings, KATHMANDU)
        for start, stop in await spans(bench.store, node, 0, START + 5 * 86_400):
            assert await differing(bench.store, node, start, stop) == set()


async def test_tampered_and_missing_windows_are_mended(bench: Bench) -> None:
    readings = steady(START, 1440)
    async with prepared(bench, readings) as (work, node):
        await mend(work, node)
        right = await summaries(bench, node)
        lie = summarize(readings[:3], MAX_W)
        for resolution, windows in right.items():
            first, last = windows[0], windows[-1]
            wrong = [NodeWindow(node.id, Window(first.start, first.end, lie))]
            wrong += [NodeWindow(node.id, Window(last.start, last.end, EMPTY))]
            await bench.store.write_windows(resolution, wrong)
        stranger = Window(START - 2 * HOUR_S, START - HOUR_S, lie)
        await bench.store.write_windows(Resolution.HOUR, [NodeWindow(node.id, stranger)])
        await mend(work, node)
        assert await summaries(bench, node) == right


@pytest.mark.parametrize(("before", "after"), [("Europe/Madrid", KATHMANDU), (KATHMANDU, ZONE)])
async def test_days_follow_the_zone_of_the_node(bench: Bench, before: str, after: str) -> None:
    readings = steady(START + 10 * HOUR_S, 2 * 1440)
    async with prepared(bench, readings, before) as (work, node):
        await mend(work, node)
        async with bench.engine.connect() as conn:
            await conn.execute(update(nodos).values(zona_horaria=after))
        await work.directory.refresh()
        moved = work.directory.by_id[node.id]
        await mend(work, moved)
        assert await summaries(bench, moved) == expected(readings, after)


async def test_a_rated_power_that_is_put_right_counts_for_what_is_stored(bench: Bench) -> None:
    node_id = await bench.node(BOARD)
    start = int(time.time()) // HOUR_S * HOUR_S - 3 * HOUR_S
    kwh_a_minute = [Reading(t=start + 60 * i, dt=60, seq=i, energia_wh=1000.0 * i) for i in range(1, 121)]
    await bench.store.write([NodeReading(node_id, r) for r in kwh_a_minute])

    async def energy_wh() -> float:
        hours = (await bench.store.windows(Resolution.HOUR, [node_id], *ALL))[node_id]
        return sum(w.summary.energy_wh for w in hours) if sum(w.summary.count for w in hours) == 120 else -1.0

    async def become(wh: float) -> None:
        async with bench.running():

            async def so() -> bool:
                return await energy_wh() == wh

            async def known() -> bool:
                return await get(bench.engine, MADE_FOR) is not None

            await eventually(so, f"{wh} Wh")
            await eventually(known, "what they were computed with is remembered")

    await become(0.0)
    async with bench.engine.connect() as conn:
        await conn.execute(update(nodos).values(potencia_max_w=100_000.0))
    await become(118_000.0)


async def test_a_late_reading_touches_its_own_windows(bench: Bench) -> None:
    readings = steady(START, 1440)
    late = readings[700]
    async with prepared(bench, [r for r in readings if r is not late]) as (work, node):
        await mend(work, node)
        await bench.store.write([NodeReading(node.id, late)])
        work.touched.add(node.id, {(late.t - 1) // QUARTER_S * QUARTER_S})
        await round_(work)
        assert await summaries(bench, node) == expected(readings, KATHMANDU)


async def test_unusual_steps_are_told_once(bench: Bench) -> None:
    readings = steady(START, 120)
    reset = [Reading(t=r.t + 7200, dt=60, seq=r.seq, energia_wh=float(r.seq or 0)) for r in readings]
    async with prepared(bench, readings + reset) as (_, node):
        nodes = {node.id: node}
        [group] = groups({node.id: {START + i * QUARTER_S for i in range(16)}})
        [unusual] = await recompute(bench.store, nodes, group)
        assert unusual.steps == {Step.RESET: 1}
        assert await recompute(bench.store, nodes, group) == []


async def test_frozen_windows_are_left_alone(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"enertrack_retencion_dias": 430})
    readings = steady(1_000_000_800, 60)
    async with prepared(bench, readings) as (work, node):
        await mend(work, node)
        assert all(windows == [] for windows in (await summaries(bench, node)).values())


async def test_whoever_asks_has_everything_gone_through_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enertrack.ingest.summaries.CHECK_S", 0.05)
    readings = steady(START, 30)
    node_id = await bench.node(BOARD, zone=KATHMANDU)
    async with bench.running():
        await eventually(lambda: _gone_through(bench), "the first look at everything")
        await bench.store.write([NodeReading(node_id, r) for r in readings])
        await asked(bench.engine)
        found = (await bench.store.windows(Resolution.QUARTER, [node_id], *ALL))[node_id]
        assert found == expected(readings, KATHMANDU)[Resolution.QUARTER]


async def _gone_through(bench: Bench) -> bool:
    return bool(await get(bench.engine, FULL))
