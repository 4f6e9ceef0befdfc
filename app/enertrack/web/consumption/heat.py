"""A year of energy by local day and hour."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import starmap
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.calendar import day_edges
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.domain.submeters import standing_for
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.consumption.report import says
from enertrack.web.meters import zone_of

HOURS: Final = 24
Cells = dict[int, float]
"""Wh by the number of the hour in the year, where something is known."""


class Heat(msgspec.Struct, frozen=True):
    """``wh`` has 24 whole Wh for each day from ``desde`` on, None where nothing is known."""

    desde: date
    wh: list[int | None]


async def heat(store: History, nodes: Sequence[Node], year: int, now: int) -> Heat:
    """The year in each meter's own zone, a sub-meter counting with its main meter. Raises Unavailable."""
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    found: dict[int, Cells] = {}
    for node in nodes:  # one after the other: a year is a lot, and others wait for their pages meanwhile
        found[node.id] = await _cells(store, node, first, days, now)
        await asyncio.sleep(0)
    parents = {n.id: n.padre_id for n in nodes}
    return Heat(first, [_joined(found, parents, i) for i in range(days * HOURS)])


def _joined(found: dict[int, Cells], parents: dict[int, int | None], i: int) -> int | None:
    told = {n: cells[i] for n, cells in found.items() if i in cells}
    counting = standing_for(parents, told, ()) if len(told) > 1 else told
    return round(max(0.0, sum(told[n] for n in counting))) if told else None


async def _cells(store: History, node: Node, first: date, days: int, now: int) -> Cells:
    zone = zone_of(node)
    start, end = day_edges(first, zone)[0], day_edges(first + timedelta(days), zone)[0]
    stop = min(end, now // HOUR_S * HOUR_S + HOUR_S)
    if stop <= start:
        return {}
    step_s, resolution = _grain(start, stop, zone)
    marks = list(range(start, stop + 1, step_s))
    [bins] = await consumption(store, [Question(node, marks, resolution)], now)
    cells: Cells = {}
    for b in bins:
        if says(b):
            local = datetime.fromtimestamp(b.start, zone)
            cell = (local.date() - first).days * HOURS + local.hour
            cells[cell] = cells.get(cell, 0.0) + b.energy_wh
    return cells


def _grain(start: int, stop: int, zone: ZoneInfo) -> tuple[int, Resolution]:
    """Hours, or quarters where the hours of the zone are not those of UTC."""
    starts = starmap(datetime.fromtimestamp, ((t, zone) for t in range(start, stop, HOUR_S)))
    if start % HOUR_S == 0 and all(t.minute == 0 for t in starts):
        return HOUR_S, Resolution.HOUR
    return QUARTER_S, Resolution.QUARTER
