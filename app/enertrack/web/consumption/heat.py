"""A year of energy by local day and hour."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.calendar import day_edges
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.meters import zone_of
from enertrack.web.together import Parents, Told, standing, told

HOURS: Final = 24
Cells = dict[int, Told]
"""What a meter says by the number of the hour in the year, where something is known."""


class Heat(msgspec.Struct, frozen=True):
    """``wh`` has 24 whole Wh for each day from ``desde`` on, None where nothing is known.

    An hour that clocks show twice holds both.
    """

    desde: date
    wh: list[int | None]


class _Year(msgspec.Struct, frozen=True):
    """Edges in a zone up to now, what windows they are of, and the number of the hour that each bin lies in."""

    edges: list[int]
    resolution: Resolution
    hours: list[int]


async def heat(store: History, nodes: Sequence[Node], parents: Parents, year: int, now: int) -> Heat:
    """The year in each meter's own zone, a sub-meter counting with its main meter. Raises Unavailable."""
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    years = {zone: _year(first, days, zone, now) for zone in set(map(zone_of, nodes))}
    found: dict[int, Cells] = {}
    for node in nodes:  # one after the other: a year is a lot, and others wait for their pages meanwhile
        found[node.id] = await _cells(store, node, years[zone_of(node)], now)
        await asyncio.sleep(0)
    return Heat(first, [_joined(found, parents, i) for i in range(days * HOURS)])


def _joined(found: Mapping[int, Cells], parents: Parents, i: int) -> int | None:
    cell = {n: cells[i] for n, cells in found.items() if i in cells}
    return round(max(0.0, sum(t.wh for t in standing(parents, cell)))) if cell else None


async def _cells(store: History, node: Node, year: _Year, now: int) -> Cells:
    cells: Cells = {}
    if not year.hours:
        return cells
    [bins] = await consumption(store, [Question(node, year.edges, year.resolution)], now)
    for hour, b in zip(year.hours, bins, strict=True):
        if (t := told(b, now)) is not None:
            cells[hour] = cells[hour] + t if hour in cells else t
    return cells


def _year(first: date, days: int, zone: ZoneInfo, now: int) -> _Year:
    """Hours, or quarters where the hours of the zone are not those of UTC."""
    start, end = day_edges(first, zone)[0], day_edges(first + timedelta(days), zone)[0]
    stop = min(end, now // HOUR_S * HOUR_S + HOUR_S)
    step_s, resolution = HOUR_S, Resolution.HOUR
    shown = [datetime.fromtimestamp(t, zone) for t in range(start, stop, step_s)]
    if start % HOUR_S or any(t.minute for t in shown):
        step_s, resolution = QUARTER_S, Resolution.QUARTER
        shown = [datetime.fromtimestamp(t, zone) for t in range(start, stop, step_s)]
    hours = [(t.toordinal() - first.toordinal()) * HOURS + t.hour for t in shown]
    return _Year(list(range(start, stop + 1, step_s)), resolution, hours)
