"""The windows that are stored, and which of them answer a question."""

from enum import StrEnum
from typing import Final

from enertrack.domain.calendar import Period

QUARTER_S: Final = 900
HOUR_S: Final = 3600


class Resolution(StrEnum):
    """Readings as they came, windows of 15 minutes and hours of UTC, days of the node's zone."""

    RAW = "raw"
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"


def choose(start: int, stop: int, interval_s: int = 60, max_points: int = 1500) -> Resolution:
    """The finest resolution that draws the seconds (start, stop] with at most ``max_points`` points.

    Readings come each ``interval_s`` seconds. Where even days are too many (some 4 years) they are days.
    """
    steps = ((Resolution.RAW, interval_s), (Resolution.QUARTER, QUARTER_S), (Resolution.HOUR, HOUR_S))
    return next((r for r, step_s in steps if (stop - start) / step_s <= max_points), Resolution.DAY)


def for_edges(period: Period, edges: list[int]) -> Resolution:
    """The coarsest windows that no edge of ``calendar.edges(period, ...)`` cuts.

    15 minutes where the hours of the zone are not those of UTC, days for all that is made of days.
    """
    if period is not Period.HOUR:
        return Resolution.DAY
    return Resolution.HOUR if all(e % HOUR_S == 0 for e in edges) else Resolution.QUARTER


def quarter_of(t: int) -> int:
    """Start of the 15-minute window (start, start + 900] that ``t`` lies in."""
    return (t - 1) // QUARTER_S * QUARTER_S


def hour_of(t: int) -> int:
    """Start of the hour (start, start + 3600] of UTC that ``t`` lies in."""
    return (t - 1) // HOUR_S * HOUR_S
