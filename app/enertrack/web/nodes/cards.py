"""The last day of each magnitude: its range, and its course as a small line."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from enertrack.domain.summary import Window
from enertrack.web import spark
from enertrack.web.magnitudes import ALL, Magnitude


class Card(msgspec.Struct, frozen=True):
    """A magnitude's value now, its least, mean and most over the last day, and the points of its lines (SVG)."""

    magnitude: Magnitude
    now: float | None
    least: float | None
    mean: float | None
    most: float | None
    lines: list[str]


def cards(values: msgspec.Struct, windows: Sequence[Window], start: int, stop: int) -> list[Card]:
    """One card for each magnitude, from the windows between ``start`` and ``stop``."""
    return [_card(m, getattr(values, m.name), windows, start, stop) for m in ALL]


def _card(magnitude: Magnitude, now: float | None, windows: Sequence[Window], start: int, stop: int) -> Card:
    told = [w for w in windows if magnitude.name in w.summary.magnitudes]
    stats = [w.summary.magnitudes[magnitude.name] for w in told]
    weight_s = sum(s.weight_s for s in stats)
    points: list[tuple[float, float | None]] = []
    for w, after in [*pairwise(told), *((w, None) for w in told[-1:])]:
        points.append((((w.start + w.end) / 2 - start) / (stop - start), w.summary.magnitudes[magnitude.name].mean))
        if after is not None and after.start > w.end:
            points.append(((w.end - start) / (stop - start), None))
    return Card(
        magnitude=magnitude,
        now=now,
        least=min((s.min for s in stats), default=None),
        mean=sum(s.sum for s in stats) / weight_s if weight_s else None,
        most=max((s.max for s in stats), default=None),
        lines=spark.lines(points),
    )
