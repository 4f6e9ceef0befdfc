"""The last day of each magnitude: its range, and its course as a small line."""

from collections.abc import Sequence
from typing import Final

import msgspec

from enertrack.domain.summary import Window
from enertrack.web.magnitudes import ALL, Magnitude

WIDTH: Final = 120
HEIGHT: Final = 32
MARGIN: Final = 2


class Card(msgspec.Struct, frozen=True):
    """A magnitude's value now, its least and most over the last day, and the points of its lines (SVG)."""

    magnitude: Magnitude
    now: float | None
    least: float | None
    most: float | None
    lines: list[str]


def cards(values: msgspec.Struct, windows: Sequence[Window], start: int, stop: int) -> list[Card]:
    """One card for each magnitude, from the windows between ``start`` and ``stop``."""
    return [_card(m, getattr(values, m.name), windows, start, stop) for m in ALL]


def _card(magnitude: Magnitude, now: float | None, windows: Sequence[Window], start: int, stop: int) -> Card:
    found = [(w, w.summary.magnitudes[magnitude.name]) for w in windows if magnitude.name in w.summary.magnitudes]
    least, most = min((s.min for _, s in found), default=None), max((s.max for _, s in found), default=None)
    means = [(w, s.mean) for w, s in found if s.mean is not None]
    return Card(magnitude, now, least, most, _lines(means, start, stop))


def _lines(means: Sequence[tuple[Window, float]], start: int, stop: int) -> list[str]:
    """Points of one line for each stretch without a gap."""
    if not means:
        return []
    low, high = min(v for _, v in means), max(v for _, v in means)
    scale = (HEIGHT - 2 * MARGIN) / (high - low) if high > low else 0.0
    stretches: list[list[str]] = []
    end = None
    for w, value in means:
        if w.start != end:
            stretches.append([])
        end = w.end
        x = ((w.start + w.end) / 2 - start) / (stop - start) * WIDTH
        stretches[-1].append(f"{x:.1f},{HEIGHT - MARGIN - (value - low) * scale:.1f}")
    return [" ".join(points) for points in stretches]
