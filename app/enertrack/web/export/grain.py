"""What a row of a file stands for, and the edges between rows."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from enertrack.domain.calendar import Period, edges, local_date
from enertrack.domain.resolution import QUARTER_S, quarter_of


class Grain(StrEnum):
    """A reading as it came, 15 minutes, or an hour, a day or a month of the place."""

    RAW = "lectura"
    QUARTER = "15min"
    HOUR = "hora"
    DAY = "dia"
    MONTH = "mes"


PERIODS: Final = {Grain.HOUR: Period.HOUR, Grain.DAY: Period.DAY, Grain.MONTH: Period.MONTH}


def marks(grain: Grain, zone: ZoneInfo, start: int, stop: int) -> Iterator[int]:
    """Edges, rising, of the bins that the seconds (start, stop] touch; not for readings."""
    if stop <= start:
        return
    if grain is Grain.QUARTER:
        yield from range(quarter_of(start + 1), quarter_of(stop) + QUARTER_S + 1, QUARTER_S)
        return
    last = None
    for a, b in _bins(PERIODS[grain], zone, start):
        if b <= start:
            continue
        if last is None:
            yield a
        yield b
        last = b
        if b >= stop:
            return


def _bins(period: Period, zone: ZoneInfo, start: int) -> Iterator[tuple[int, int]]:
    """Bins from the one around ``start`` on, for ever."""
    while True:
        found = edges(period, local_date(start, zone), zone)
        yield from pairwise(found)
        start = found[-1]


def slices(found: Iterable[int], rows: int) -> Iterator[list[int]]:
    """Neighbouring edges in lists of at most ``rows`` bins; each begins with the last edge of the one before."""
    part: list[int] = []
    for edge in found:
        part.append(edge)
        if len(part) > rows:
            yield part
            part = [edge]
    if len(part) > 1:
        yield part
