"""Hours, days, months and years of a place, as Unix seconds.

A day begins with the first second that carries its date; daylight saving makes days of 23 and 25
hours. Windows are (start, end], as readings cover the seconds before their time.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

YEARS: Final = 5
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2999
_QUARTER_S: Final = 900
_DAY: Final = timedelta(days=1)


class Period(StrEnum):
    """What a bin is."""

    HOUR = "hora"
    DAY = "dia"
    MONTH = "mes"
    YEAR = "anio"


_FORMATS: Final = {Period.HOUR: "%H:%M", Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m", Period.YEAR: "%Y"}

_SLOTS: Final = {Period.HOUR: "%H:%M", Period.DAY: "%d", Period.MONTH: "%m"}


def local_date(t: int, zone: ZoneInfo) -> date:
    """The date that clocks in ``zone`` show at the second ``t``."""
    return datetime.fromtimestamp(t, zone).date()


def day_edges(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Start and end of a day."""
    return _midnight(day, zone), _midnight(day + _DAY, zone)


def day_of(t: int, zone: ZoneInfo) -> tuple[int, int]:
    """The day (start, end] that ``t`` lies in: midnight belongs to the day that it ends."""
    start, end = day_edges(local_date(t - 1, zone), zone)
    return (start, end) if t <= end else day_edges(local_date(end, zone), zone)


def edges(period: Period, anchor: date, zone: ZoneInfo, years: int = YEARS) -> list[int]:
    """Edges, strictly rising, of the bins around ``anchor``.

    The hours of its day, the days of its month, the months of its year, or the ``years`` years that end
    with its own. Raises ``ValueError`` where ``anchor`` is not of the years 1970 to 2999.
    """
    if not _FIRST_YEAR <= anchor.year <= _LAST_YEAR:
        raise ValueError(anchor)
    if period is Period.HOUR:
        return _hours(anchor, zone)
    first_days = _first_days(period, anchor, years)
    return sorted({_midnight(d, zone) for d in first_days})  # a set: Samoa had no 30 December 2011


def days(start: int, stop: int, zone: ZoneInfo) -> list[int]:
    """Edges, strictly rising, of the days between two midnights."""
    first = local_date(start, zone)
    count = (local_date(stop, zone) - first).days
    return sorted({_midnight(first + n * _DAY, zone) for n in range(count + 1)})


def previous(period: Period, anchor: date, years: int = YEARS) -> date:
    """An anchor of the bins before those of ``anchor``."""
    if period is Period.HOUR:
        return anchor - _DAY
    if period is Period.DAY:
        return _month(anchor, -1)
    return date(anchor.year - (1 if period is Period.MONTH else years), 1, 1)


def last_year(period: Period, anchor: date) -> date | None:
    """An anchor of the same bins a year before, None where ``previous`` tells them or there are none."""
    if period not in {Period.HOUR, Period.DAY}:
        return None
    return _on_day(anchor.replace(year=anchor.year - 1, day=1), anchor.day)


def month_before(day: date) -> date:
    """The same day of the month before, or its last where it has no such day."""
    return _on_day(_month(day, -1), day.day)


def same_clock(t: int, day: date, zone: ZoneInfo) -> int:
    """When clocks in ``zone`` show on ``day`` what they show at ``t``, or nearly so where they skip that."""
    shown = datetime.fromtimestamp(t, zone)
    then = int(datetime.combine(day, shown.time(), zone).timestamp())
    start, end = day_edges(day, zone)
    return min(max(then, start), end)


def labels(period: Period, edges: list[int], zone: ZoneInfo) -> list[str]:
    """What each bin is called: ``02:00``, ``2026-03-29``, ``2026-03``, ``2026``.

    Where the clocks repeat an hour, its two bins carry their distance from UTC: ``02:00 +02:00``.
    """
    starts = [datetime.fromtimestamp(t, zone) for t in edges[:-1]]
    names = [s.strftime(_FORMATS[period]) for s in starts]
    seen = Counter(names)
    return [n if seen[n] == 1 else f"{n} {s.isoformat()[-6:]}" for n, s in zip(names, starts, strict=True)]


def slots(period: Period, edges: list[int], zone: ZoneInfo) -> list[str]:
    """What bins of two periods have in common that stand for the same: an hour, a day of the month, a month.

    Of two hours of the same name it is the first; years go by their order.
    """
    if period is Period.YEAR:
        return [str(i) for i in range(len(edges) - 1)]
    names = [datetime.fromtimestamp(t, zone).strftime(_SLOTS[period]) for t in edges[:-1]]
    return [n if n not in names[:i] else f"{n} +" for i, n in enumerate(names)]


def _first_days(period: Period, anchor: date, years: int) -> list[date]:
    if period is Period.DAY:
        first = anchor.replace(day=1)
        return [first + n * _DAY for n in range((_month(first, 1) - first).days + 1)]
    if period is Period.MONTH:
        return [_month(date(anchor.year, 1, 1), n) for n in range(13)]
    return [date(year + 1, 1, 1) for year in range(anchor.year - years, anchor.year + 1)]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def _month(day: date, n: int) -> date:
    """The first of the month ``n`` months after that of ``day``."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, 1)


def _on_day(first: date, day: int) -> date:
    """That day of the month which begins with ``first``, or its last."""
    return min(first + (day - 1) * _DAY, _month(first, 1) - _DAY)


def _hours(day: date, zone: ZoneInfo) -> list[int]:
    """Edges where the clocks show another hour, or the same once more; quarters of an hour are whole."""
    start, end = day_edges(day, zone)
    by_hour = groupby(range(start, end, _QUARTER_S), key=lambda t: _shown_hour(t, zone))
    return [*(next(quarters) for _, quarters in by_hour), end]


def _shown_hour(t: int, zone: ZoneInfo) -> tuple[int, int]:
    shown = datetime.fromtimestamp(t, zone)
    return shown.hour, shown.fold
