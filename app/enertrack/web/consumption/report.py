"""Energy of some meters by local hour, day, month or year beside that of other times, and what it comes to."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from enertrack.domain.calendar import Period, edges, labels, last_year, previous, slots
from enertrack.domain.resolution import for_edges
from enertrack.domain.submeters import counted, standing_for, unmeasured
from enertrack.domain.summary import Consumption
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.meters import zone_of

HOUR_S: Final = 3600
MOSTLY: Final = 0.9


class Bin(msgspec.Struct, frozen=True):
    """One bar: ``label`` as in domain/calendar, from ``start`` to ``end`` in the first meter's zone.

    ``energy_wh`` is None where no meter said anything; ``passed`` tells whether it is over for all of them, ``known``
    whether each of them was there for most of it. A sub-meter whose main meter is there counts with that. ``slot`` is
    what it has in common with a bar of another time.
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

    ``mean_w`` is over the time that has passed, from the first to the last bar of which something is known. ``by_node``
    is each meter's own energy, ``rest`` what main meters measured beyond their sub-meters.
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
"""A bar's part of each node."""
Places = dict[tuple[str, str], Parts]
"""The parts by label and slot."""


async def report(store: History, nodes: Sequence[Node], period: Period, anchor: date, now: int) -> Report:
    """The bars around ``anchor``. Raises Unavailable."""
    year = last_year(period, anchor)
    anchors = [anchor, previous(period, anchor), *([year] if year else [])]
    parents = {n.id: n.padre_id for n in nodes}
    present, *others = await asyncio.gather(*(_places(store, nodes, period, a, now) for a in anchors))
    bins = _bins(present, parents, now)
    before, *rest = [_past(bins, _bins(places, parents, now)) for places in others]
    total, told = sum(b.energy_wh or 0.0 for b in bins), _told(bins)
    passed_s = min(now, told[-1].end) - told[0].start if told else 0
    by_node = _by_node(present.values())
    return Report(
        bins=bins,
        total_wh=total,
        estimated_wh=sum(b.estimated_wh for b in bins),
        mean_w=total / (passed_s / HOUR_S) if passed_s > 0 else None,
        peak=max((b for b in bins if b.energy_wh), key=lambda b: b.energy_wh or 0.0, default=None),
        before=before,
        last_year=rest[0] if rest else None,
        by_node=by_node,
        rest=unmeasured(parents, by_node),
    )


async def _places(store: History, nodes: Sequence[Node], period: Period, anchor: date, now: int) -> Places:
    """What each node used, joined by local date as each has its own zone."""
    zones = [zone_of(n) for n in nodes]
    marks = [edges(period, anchor, zone) for zone in zones]
    questions = [Question(n, m, for_edges(period, m)) for n, m in zip(nodes, marks, strict=True)]
    found = await consumption(store, questions, now)
    places: Places = {}
    for node, zone, m, bins in zip(nodes, zones, marks, found, strict=True):
        for place, b in zip(zip(labels(period, m, zone), slots(period, m, zone), strict=True), bins, strict=True):
            places.setdefault(place, {})[node.id] = b
    return places


def _bins(places: Places, parents: Mapping[int, int | None], now: int) -> list[Bin]:
    return sorted((_bin(*place, parts, parents, now) for place, parts in places.items()), key=lambda b: b.start)


def _bin(label: str, slot: str, parts: Parts, parents: Mapping[int, int | None], now: int) -> Bin:
    counting = [parts[i] for i in counting_of(parts, parents)]
    first = next(iter(parts.values()))
    return Bin(
        label=label,
        slot=slot,
        start=first.start,
        end=first.end,
        energy_wh=sum(p.energy_wh for p in counting) if counting else None,
        estimated_wh=sum(p.estimated_wh for p in counting),
        passed=all(p.end <= now for p in parts.values()),
        known=all(_mostly_there(parts[i]) for i in counted(parents, parts)),
    )


def counting_of(parts: Mapping[int, Consumption], parents: Mapping[int, int | None]) -> frozenset[int]:
    """The nodes whose energies make up the sum."""
    told = {i: p.energy_wh for i, p in parts.items() if says(p)}
    return standing_for(parents, told, [i for i in told if _mostly_there(parts[i])])


def says(part: Consumption) -> bool:
    """Whether a reading tells something of it."""
    return bool(part.summary.count or part.energy_wh)


def _mostly_there(part: Consumption) -> bool:
    return part.summary.covered_s >= MOSTLY * (part.end - part.start)


def _told(bins: Sequence[Bin]) -> list[Bin]:
    return [b for b in bins if b.energy_wh is not None]


def _past(present: Sequence[Bin], past: Sequence[Bin]) -> Past:
    told, by_slot = _told(past), {b.slot: b for b in past}
    then = [by_slot.get(b.slot) for b in present]
    return Past(
        bins=then,
        total_wh=sum(b.energy_wh or 0.0 for b in told) if told else None,
        since=told[0] if told and told[0] is not past[0] else None,
        change=_change(present, then),
    )


def _change(present: Sequence[Bin], then: Sequence[Bin | None]) -> float | None:
    pairs = [(a.energy_wh, b.energy_wh) for a, b in zip(present, then, strict=True) if b and a.passed and b.known]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    before = sum(b for _, b in known)
    return sum(a for a, _ in known) / before - 1 if before > 0 else None


def _by_node(bars: Iterable[Parts]) -> dict[int, float]:
    found: dict[int, float] = {}
    for parts in bars:
        for i, part in parts.items():
            if says(part):
                found[i] = found.get(i, 0.0) + part.energy_wh
    return found
