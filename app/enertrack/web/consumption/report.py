"""Energy of some meters by local hour, day, month or year beside that of other times, and what it comes to."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from enertrack.domain.calendar import Period, last_year, previous
from enertrack.domain.resolution import for_edges
from enertrack.domain.submeters import counted, unmeasured
from enertrack.domain.summary import Consumption
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.consumption.frame import frame
from enertrack.web.meters import zone_of
from enertrack.web.together import MOSTLY, Parents, cell, standing

HOUR_S: Final = 3600


class Bin(msgspec.Struct, frozen=True):
    """One bar: ``label`` as in domain/calendar, from ``start`` to ``end`` in the first meter's zone.

    ``energy_wh`` is None where no meter said anything; ``passed`` tells whether it is over for all of them, ``known``
    whether each of them that says something at any of the times on show was there for most of it. A sub-meter whose
    main meter is there counts with that. ``slot`` is what it has in common with a bar of another time.
    """

    label: str
    slot: str
    start: int
    end: int
    energy_wh: float | None
    estimated_wh: float
    passed: bool
    known: bool


class Past(msgspec.Struct, frozen=True):
    """The bars of another time, each at the place of its present one (None: there was none).

    ``total_wh`` is all of that time, ``since`` its first bar of which something is known where that is not its first.
    ``change`` compares the bars that are over with the same ones then (0.1: a tenth more), None where there is nothing
    to compare with.
    """

    bins: list[Bin | None]
    total_wh: float | None
    since: Bin | None
    change: float | None


class Report(msgspec.Struct, frozen=True):
    """Bars in the order of time and what they come to; energies in Wh.

    ``mean_w`` is over the time that has passed, from the first to the last hour or day of which something is known.
    ``by_node`` is each meter's own energy, ``rest`` what main meters measured beyond their sub-meters while they were
    there.
    """

    bins: list[Bin]
    total_wh: float
    estimated_wh: float
    mean_w: float | None
    peak: Bin | None
    before: Past
    last_year: Past | None
    by_node: dict[int, float]
    rest: dict[int, float]


Parts = dict[int, Consumption]
"""An hour's or a day's part of each node."""


class _Bar(msgspec.Struct):
    """A bar in the making: its hour, or the days that it is made of."""

    label: str
    cells: defaultdict[str, Parts]


async def report(  # noqa: PLR0913, PLR0917 - whose energy, and when
    store: History, nodes: Sequence[Node], parents: Parents, period: Period, anchor: date, now: int
) -> Report:
    """The bars around ``anchor``. Raises Unavailable."""
    year = last_year(period, anchor)
    anchors = [anchor, previous(period, anchor), *([year] if year else [])]
    present, *others = await asyncio.gather(*(_bars(store, nodes, period, a, now) for a in anchors))
    heard = {i for bars in (present, *others) for parts in _cells(bars) for i in cell(parts, now)}
    bins = _bins(present, parents, heard, now)
    before, *rest = [_past(bins, _bins(bars, parents, heard, now)) for bars in others]
    total, passed_s = sum(b.energy_wh or 0.0 for b in bins), _passed_s(present, now)
    energies = [{i: t.wh for i, t in cell(parts, now).items()} for parts in _cells(present)]
    return Report(
        bins=bins,
        total_wh=total,
        estimated_wh=sum(b.estimated_wh for b in bins),
        mean_w=total / (passed_s / HOUR_S) if passed_s > 0 else None,
        peak=max((b for b in bins if b.energy_wh), key=lambda b: b.energy_wh or 0.0, default=None),
        before=before,
        last_year=rest[0] if rest else None,
        by_node=_by_node(energies),
        rest=unmeasured(parents, *energies),
    )


async def _bars(store: History, nodes: Sequence[Node], period: Period, anchor: date, now: int) -> dict[str, _Bar]:
    """What each node used, by slot, joined by local date as each has its own zone."""
    frames = {zone: frame(period, anchor, zone) for zone in set(map(zone_of, nodes))}
    marks = [frames[zone_of(n)].edges for n in nodes]
    questions = [Question(n, m, for_edges(period, m)) for n, m in zip(nodes, marks, strict=True)]
    bars: dict[str, _Bar] = {}
    for node, parts in zip(nodes, await consumption(store, questions, now), strict=True):
        for place, part in zip(frames[zone_of(node)].places, parts, strict=True):
            bar = bars.setdefault(place.slot, _Bar(place.label, defaultdict(dict)))
            bar.cells[place.cell][node.id] = part
    return bars


def _cells(bars: dict[str, _Bar]) -> Iterator[Parts]:
    for bar in bars.values():
        yield from bar.cells.values()


def _passed_s(bars: dict[str, _Bar], now: int) -> int:
    """How long from the first to the last cell of which something is known, without what lies ahead."""
    known = [next(iter(parts.values())) for parts in _cells(bars) if cell(parts, now)]
    return min(now, max(p.end for p in known)) - min(p.start for p in known) if known else 0


def _bins(bars: dict[str, _Bar], parents: Parents, heard: set[int], now: int) -> list[Bin]:
    """In the order of what clocks show: an hour that one place does not have stands at its own."""
    return [_bin(slot, bars[slot], parents, heard, now) for slot in sorted(bars)]


def _bin(slot: str, bar: _Bar, parents: Parents, heard: set[int], now: int) -> Bin:
    cells = list(bar.cells.values())
    parts = [p for c in cells for p in c.values()]
    counting = [t for c in cells for t in standing(parents, cell(c, now))]
    return Bin(
        label=bar.label,
        slot=slot,
        start=next(iter(cells[0].values())).start,
        end=next(iter(cells[-1].values())).end,
        energy_wh=sum(t.wh for t in counting) if counting else None,
        estimated_wh=sum(t.estimated_wh for t in counting),
        passed=all(p.end <= now for p in parts),
        known=_mostly_there(cells, parents, heard, now),
    )


def _mostly_there(cells: Sequence[Parts], parents: Parents, heard: set[int], now: int) -> bool:
    """Whether those that said something at any of the times that are compared were there."""
    covered_s: defaultdict[int, int] = defaultdict(int)
    passed_s: defaultdict[int, int] = defaultdict(int)
    for parts in cells:
        for i, part in parts.items():
            covered_s[i] += part.summary.covered_s
            passed_s[i] += max(0, min(part.end, now) - part.start)
    return all(covered_s[i] >= MOSTLY * passed_s[i] for i in counted(parents, heard & passed_s.keys()))


def _known(bins: Sequence[Bin]) -> list[Bin]:
    return [b for b in bins if b.energy_wh is not None]


def _past(present: Sequence[Bin], past: Sequence[Bin]) -> Past:
    known, by_slot = _known(past), {b.slot: b for b in past}
    then = [by_slot.get(b.slot) for b in present]
    return Past(
        bins=then,
        total_wh=sum(b.energy_wh or 0.0 for b in known) if known else None,
        since=known[0] if known and known[0] is not past[0] else None,
        change=_change(present, then),
    )


def _change(present: Sequence[Bin], then: Sequence[Bin | None]) -> float | None:
    """Of the bars that are over and were measured both times."""
    pairs = [(a, b) for a, b in zip(present, then, strict=True) if b and a.passed and a.known and b.known]
    before = sum(b.energy_wh or 0.0 for _, b in pairs)
    return sum(a.energy_wh or 0.0 for a, _ in pairs) / before - 1 if before > 0 else None


def _by_node(energies: Sequence[dict[int, float]]) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for values in energies:
        for i, wh in values.items():
            found[i] += wh
    return dict(found)
