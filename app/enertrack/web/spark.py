"""A course as a small line (SVG): points of one polyline for each stretch without a gap."""

from collections.abc import Sequence
from typing import Final

WIDTH: Final = 120
HEIGHT: Final = 32
MARGIN: Final = 2


def lines(points: Sequence[tuple[float, float | None]], low: float | None = None) -> list[str]:
    """``points`` are (share of the width, value); None is a gap. The least value, or ``low``, lies at the bottom."""
    values = [v for _, v in points if v is not None]
    if not values:
        return []
    least, most = min(values) if low is None else min(low, *values), max(values)
    scale = (HEIGHT - 2 * MARGIN) / (most - least) if most > least else 0.0
    stretches: list[list[str]] = [[]]
    for x, value in points:
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{x * WIDTH:.1f},{HEIGHT - MARGIN - (value - least) * scale:.1f}")
    # A point alone is a line to itself: with round ends it shows as a dot.
    return [" ".join(s if len(s) > 1 else 2 * s) for s in stretches if s]
