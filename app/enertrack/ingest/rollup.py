"""Summaries of touched windows: 15 minutes from the readings, hours and days folded from these.

What is computed here follows from the store alone, so that doing it again changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.calendar import day_of
from enertrack.domain.energy import Step
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution, hour_of, quarter_of
from enertrack.domain.summary import EMPTY, Summary, Window, fold, summarize
from enertrack.stores.measurements.protocol import Measurements, NodeWindow
from enertrack.stores.nodes import Node

RUN_QUARTERS: Final = 96
"""A run of touched windows is asked for at once up to this length."""
QUARTERS_AT_ONCE: Final = 2_000
MARGIN_S: Final = HOUR_S
"""Read around a day, as an hour of UTC may reach over its edges."""

Quarters = dict[int, Summary]


class Group(msgspec.Struct, frozen=True):
    """Nodes whose windows between ``start`` and ``stop`` are to be read at once."""

    start: int
    stop: int
    node_ids: list[int]


class Unusual(msgspec.Struct, frozen=True):
    """Increments around ``start`` that were not normal and were not known before."""

    node_id: int
    start: int
    steps: dict[Step, int]


def groups(touched: Mapping[int, set[int]]) -> Iterator[Group]:
    """Touched windows in few groups: runs of neighbours, the nodes that share a run together."""
    runs: dict[tuple[int, int], list[int]] = {}
    for node_id, starts in touched.items():
        for run in _runs(sorted(starts)):
            runs.setdefault(run, []).append(node_id)
    for (start, stop), node_ids in sorted(runs.items()):
        size = max(1, QUARTERS_AT_ONCE * QUARTER_S // (stop - start))
        for i in range(0, len(node_ids), size):
            yield Group(start, stop, node_ids[i : i + size])


def _runs(starts: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = stop = -1
    for start in starts:
        if start != stop or stop - first == RUN_QUARTERS * QUARTER_S:
            if stop > 0:
                yield first, stop
            first = start
        stop = start + QUARTER_S
    if stop > 0:
        yield first, stop


async def recompute(store: Measurements, nodes: Mapping[int, Node], group: Group) -> list[Unusual]:
    """Summaries of a group's windows, and of the hours and days around them. Raises Unavailable."""
    known = [nodes[i] for i in group.node_ids if i in nodes]
    if not known:
        return []
    days = {n.id: _days(n, group) for n in known}
    start = min(d[0][0] for d in days.values()) - MARGIN_S
    stop = max(d[-1][1] for d in days.values()) + MARGIN_S
    readings = await store.readings(days, group.start, group.stop)
    before = await store.windows(Resolution.QUARTER, days, start, stop)
    fresh: dict[Resolution, list[NodeWindow]] = {}
    unusual: list[Unusual] = []
    for node in known:
        old = {w.start: w.summary for w in before[node.id]}
        new = old | quarters(readings[node.id], group, node.potencia_max_w)
        for resolution, spans in _spans(group, days[node.id]).items():
            windows = folded(new, spans, node.potencia_max_w)
            fresh.setdefault(resolution, []).extend(NodeWindow(node.id, w) for w in windows)
        unusual += await _unusual(store, node, group, old, new)
        await asyncio.sleep(0)
    for resolution, found in fresh.items():
        await store.write_windows(resolution, found)
    return unusual


def quarters(readings: Iterable[Reading], group: Group, max_w: float) -> Quarters:
    """Summary of each 15-minute window of the group, EMPTY where there is no reading."""
    inside: dict[int, list[Reading]] = {s: [] for s in range(group.start, group.stop, QUARTER_S)}
    for reading in readings:
        inside[quarter_of(reading.t)].append(reading)
    return {start: summarize(found, max_w) if found else EMPTY for start, found in inside.items()}


def _days(node: Node, group: Group) -> list[tuple[int, int]]:
    zone = ZoneInfo(node.zona_horaria)
    found = [day_of(group.start + 1, zone)]
    while found[-1][1] < group.stop:
        found.append(day_of(found[-1][1] + 1, zone))
    return found


def _spans(group: Group, days: list[tuple[int, int]]) -> dict[Resolution, list[tuple[int, int]]]:
    touched = range(group.start, group.stop, QUARTER_S)
    hours = range(hour_of(group.start + 1), group.stop, HOUR_S)
    return {
        Resolution.QUARTER: [(q, q + QUARTER_S) for q in touched],
        Resolution.HOUR: [(h, h + HOUR_S) for h in hours],
        Resolution.DAY: days,
    }


def folded(found: Quarters, spans: Iterable[tuple[int, int]], max_w: float) -> list[Window]:
    """The windows ``spans`` folded from those of 15 minutes."""
    return [Window(start, stop, _fold(found, start, stop, max_w)) for start, stop in spans]


def _fold(found: Quarters, start: int, stop: int, max_w: float) -> Summary:
    return fold((found[s] for s in range(start, stop, QUARTER_S) if s in found), max_w)


async def _unusual(store: Measurements, node: Node, group: Group, old: Quarters, new: Quarters) -> list[Unusual]:
    """What is not normal within the group and towards the registers on either side, and was not so before."""
    before = _register(old, [s for s in sorted(old, reverse=True) if s < group.start])
    if before is None:
        window = await store.window_before(Resolution.QUARTER, node.id, group.start)
        before = window.summary if window else EMPTY
    after = _register(old, [s for s in sorted(old) if s >= group.stop]) or EMPTY
    steps = Counter[Step]()
    for found, sign in ((new, 1), (old, -1)):
        inside = _fold(found, group.start, group.stop, node.potencia_max_w)
        for step, n in fold((before, inside, after), node.potencia_max_w).steps.items():
            steps[step] += sign * n
    more = {step: n for step, n in steps.items() if n > 0}
    return [Unusual(node.id, group.start, more)] if more else []


def _register(found: Quarters, starts: Iterable[int]) -> Summary | None:
    return next((found[s] for s in starts if found[s].last), None)
