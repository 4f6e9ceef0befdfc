"""Where what is stored in summaries does not follow from the readings."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from enertrack.domain.calendar import day_of
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution, hour_of
from enertrack.domain.summary import EMPTY, Summary, Window
from enertrack.ingest.rollup import MARGIN_S, Quarters, folded
from enertrack.stores.measurements.protocol import Fingerprint, Measurements
from enertrack.stores.nodes import Node

DAYS_AT_ONCE: Final = 31
LONGEST_DAY_S: Final = 27 * HOUR_S
NEAR_WH: Final = 0.01


async def spans(store: Measurements, node: Node, since: int, now: int) -> list[tuple[int, int]]:
    """The node's time from ``since`` on in pieces of whole days of its zone. Raises Unavailable."""
    found = await store.span(node.id)
    if found is None:
        return []
    oldest, newest = found
    zone = ZoneInfo(node.zona_horaria)
    edges = [day_of(max(oldest, since + 1), zone)[0]]
    last = day_of(max(newest, now), zone)[1]
    while edges[-1] < last:
        edges.append(min(last, day_of(edges[-1] + DAYS_AT_ONCE * 86_400, zone)[1]))
    return list(pairwise(edges))


async def differing(store: Measurements, node: Node, start: int, stop: int) -> set[int]:
    """Starts of the 15-minute windows whose recomputing mends what differs between two edges of days.

    Compared are number, first and last register of each window with its readings, and each hour and day
    with what is folded from the windows. Days of another zone are forgotten. Raises Unavailable.
    """
    prints = await store.fingerprints(node.id, start, stop)
    around = (start - MARGIN_S, stop + MARGIN_S)
    stored = (await store.windows(Resolution.QUARTER, [node.id], *around))[node.id]
    found = {w.start: w.summary for w in stored}
    inside = {s for s in found if start <= s < stop}
    wrong = {s for s in prints.keys() | inside if not _follows(found.get(s), prints.get(s))}
    # A day of another zone may reach over the first edge; so do hours, which are then those of the piece before.
    for resolution, back_s in ((Resolution.HOUR, 0), (Resolution.DAY, LONGEST_DAY_S)):
        spans_ = [s for s in _needed(node, resolution, found) if start <= s[0] < stop]
        wanted = folded(found, spans_, node.potencia_max_w)
        near = (await store.windows(resolution, [node.id], start - back_s, stop))[node.id]
        coarse = [w for w in near if w.end > start]
        for w in _strangers(coarse, wanted):
            await store.delete_windows(resolution, node.id, w.start, w.start + 1)
        wrong |= {_first_of(w, found) for w in _differing(coarse, wanted)}
    return wrong


def _follows(summary: Summary | None, readings: Fingerprint | None) -> bool:
    if summary is None or readings is None:
        return summary is None and readings is None
    first = summary.first.wh if summary.first else None
    last = summary.last.wh if summary.last else None
    return (summary.count, first, last) == (readings.count, readings.first_wh, readings.last_wh)


def _strangers(stored: Iterable[Window], wanted: Iterable[Window]) -> list[Window]:
    known = {(w.start, w.end) for w in wanted}
    return [w for w in stored if (w.start, w.end) not in known]


def _differing(stored: Iterable[Window], wanted: Iterable[Window]) -> list[Window]:
    known = {(w.start, w.end): w.summary for w in stored}
    return [w for w in wanted if not _same(w.summary, known.get((w.start, w.end), EMPTY))]


def _needed(node: Node, resolution: Resolution, found: Mapping[int, Summary]) -> Iterator[tuple[int, int]]:
    if resolution is Resolution.HOUR:
        yield from sorted({(h := hour_of(s + 1), h + HOUR_S) for s in found})
        return
    zone = ZoneInfo(node.zona_horaria)
    end = 0
    for s in sorted(found):
        if s >= end:
            start, end = day_of(s + 1, zone)
            yield start, end


def _first_of(window: Window, found: Quarters) -> int:
    return next(s for s in range(window.start, window.end, QUARTER_S) if s in found)


def _same(a: Summary, b: Summary) -> bool:
    ends = (a.count, a.first, a.last) == (b.count, b.first, b.last)
    return ends and abs(a.energy_wh - b.energy_wh) < NEAR_WH
