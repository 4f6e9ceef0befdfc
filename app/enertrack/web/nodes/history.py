"""The course of a magnitude over a range of time, as a chart draws it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from enertrack.domain.calendar import day_edges, local_date
from enertrack.domain.energy import GAP_FACTOR
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution, choose, hour_of, quarter_of
from enertrack.domain.summary import Stat, Summary, Window, summarize
from enertrack.stores.measurements.protocol import History as Readable
from enertrack.stores.nodes import Node
from enertrack.web.meters import zone_of

MAX_POINTS: Final = 1500


class Point(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Mean, minimum and maximum at the second ``t``; without values it marks a gap."""

    t: int
    mean: float | None = None
    min: float | None = None
    max: float | None = None


class History(msgspec.Struct, frozen=True):
    """Points in the order of time, and what the whole range comes to."""

    resolucion: str
    puntos: list[Point]
    actual: float | None
    minimo: float | None
    maximo: float | None
    media: float | None
    cubierto_s: int


async def history(store: Readable, node: Node, magnitude: str, start: int, stop: int) -> History:
    """A magnitude over the seconds (start, stop], at most about 1,500 points. Raises Unavailable."""
    resolution = choose(start, stop, node.intervalo_s, MAX_POINTS)
    if resolution is Resolution.RAW:
        readings = (await store.readings([node.id], start, stop))[node.id]
        summaries = [summarize(readings, node.potencia_max_w)]
        points = _raw_points(readings, magnitude)
    else:
        windows = (await store.windows(resolution, [node.id], _aligned(resolution, node, start), stop))[node.id]
        summaries = [w.summary for w in windows]
        points = _window_points(windows, magnitude)
    return _with_statistics(resolution, points, summaries, magnitude)


def _aligned(resolution: Resolution, node: Node, start: int) -> int:
    """Start of the window that the second after ``start`` lies in."""
    if resolution is Resolution.QUARTER:
        return quarter_of(start + 1)
    if resolution is Resolution.HOUR:
        return hour_of(start + 1)
    return day_edges(local_date(start, zone_of(node)), zone_of(node))[0]


def _with_statistics(
    resolution: Resolution, points: list[Point], summaries: Sequence[Summary], magnitude: str
) -> History:
    stats = [s.magnitudes[magnitude] for s in summaries if magnitude in s.magnitudes]
    weight = sum(s.weight_s for s in stats)
    return History(
        resolucion=resolution,
        puntos=points,
        actual=next((p.mean for p in reversed(points) if p.mean is not None), None),
        minimo=min((s.min for s in stats), default=None),
        maximo=max((s.max for s in stats), default=None),
        media=sum(s.sum for s in stats) / weight if weight else None,
        cubierto_s=sum(s.covered_s for s in summaries),
    )


def _raw_points(readings: Sequence[Reading], magnitude: str) -> list[Point]:
    points = []
    last: Reading | None = None
    for r in readings:
        value: float | None = getattr(r, magnitude)
        if last is not None and r.t - r.dt - last.t > GAP_FACTOR * max(r.dt, last.dt, 1):
            points.append(Point(last.t + 1))
        points.append(Point(r.t, value, value, value))
        last = r
    return points


def _window_points(windows: Sequence[Window], magnitude: str) -> list[Point]:
    points = []
    for w, after in [*pairwise(windows), *((w, None) for w in windows[-1:])]:
        stat: Stat | None = w.summary.magnitudes.get(magnitude)
        middle = (w.start + w.end) // 2
        points.append(Point(middle, stat.mean, stat.min, stat.max) if stat else Point(middle))
        if after is not None and after.start > w.end:
            points.append(Point(w.end))
    return points
