"""Energy of some meters by local hour, day, month or year, and what it comes to."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from enertrack.domain.calendar import Period, edges, labels, previous
from enertrack.domain.resolution import for_edges
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
    whether each of them was there for most of it.
    """

    label: str
    start: int
    end: int
    energy_wh: float | None
    estimated_wh: float
    passed: bool
    known: bool


class Report(msgspec.Struct, frozen=True):
    """Bars in the order of time and what they come to; energies in Wh.

    ``mean_w`` is over the time that has passed, from the first to the last bar of which something is known.
    ``before_wh`` is the whole period before, ``before_since`` its first bar of which something is known where that is
    not its first. ``change`` compares the bars that are over with the same ones then (0.1: a tenth more), None where
    there is nothing to compare with.
    """

    bins: list[Bin]
    total_wh: float
    estimated_wh: float
    mean_w: float | None
    peak: Bin | None
    before_wh: float | None
    before_since: Bin | None
    change: float | None


async def report(store: History, nodes: Sequence[Node], period: Period, anchor: date, now: int) -> Report:
    """The bars around ``anchor``. Raises Unavailable."""
    present, past = await asyncio.gather(
        _bins(store, nodes, period, anchor, now), _bins(store, nodes, period, previous(period, anchor), now)
    )
    total = sum(b.energy_wh or 0.0 for b in present)
    told, before = _told(present), _told(past)
    passed_s = min(now, told[-1].end) - told[0].start if told else 0
    return Report(
        bins=present,
        total_wh=total,
        estimated_wh=sum(b.estimated_wh for b in present),
        mean_w=total / (passed_s / HOUR_S) if passed_s > 0 else None,
        peak=max((b for b in present if b.energy_wh), key=lambda b: b.energy_wh or 0.0, default=None),
        before_wh=sum(b.energy_wh or 0.0 for b in before) if before else None,
        before_since=before[0] if before and before[0] is not past[0] else None,
        change=_change(present, past),
    )


def _told(bins: Sequence[Bin]) -> list[Bin]:
    return [b for b in bins if b.energy_wh is not None]


def _change(present: Sequence[Bin], past: Sequence[Bin]) -> float | None:
    pairs = [(a.energy_wh, b.energy_wh) for a, b in zip(present, past, strict=False) if a.passed and b.known]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    before = sum(b for _, b in known)
    return sum(a for a, _ in known) / before - 1 if before > 0 else None


async def _bins(store: History, nodes: Sequence[Node], period: Period, anchor: date, now: int) -> list[Bin]:
    """Bars of all meters, joined by local date as each has its own zone."""
    zones = [zone_of(n) for n in nodes]
    marks = [edges(period, anchor, zone) for zone in zones]
    questions = [Question(n, m, for_edges(period, m)) for n, m in zip(nodes, marks, strict=True)]
    found = await consumption(store, questions, now)
    by_label: dict[str, list[Consumption]] = {}
    for zone, m, bins in zip(zones, marks, found, strict=True):
        for label, b in zip(labels(period, m, zone), bins, strict=True):
            by_label.setdefault(label, []).append(b)
    return sorted((_joined(label, parts, now) for label, parts in by_label.items()), key=lambda b: b.start)


def _joined(label: str, parts: Sequence[Consumption], now: int) -> Bin:
    told = [p for p in parts if p.summary.count or p.energy_wh]
    return Bin(
        label=label,
        start=parts[0].start,
        end=parts[0].end,
        energy_wh=sum(p.energy_wh for p in told) if told else None,
        estimated_wh=sum(p.estimated_wh for p in told),
        passed=all(p.end <= now for p in parts),
        known=all(p.summary.covered_s >= MOSTLY * (p.end - p.start) for p in parts),
    )
