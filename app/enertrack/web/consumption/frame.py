"""Where each hour or day of a place belongs among the bars of a page."""

from bisect import bisect_right
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.calendar import Period, days, edges, labels, local_date, slots


class Place(msgspec.Struct, frozen=True):
    """The bar of an hour or of a day, and what it has in common with that of other zones within the bar."""

    slot: str
    label: str
    cell: str


class Frame(msgspec.Struct, frozen=True):
    """Edges, strictly rising, and the place of each bin between two of them."""

    edges: list[int]
    places: list[Place]


def frame(period: Period, anchor: date, zone: ZoneInfo) -> Frame:
    """Hours, or the days that all longer bars are made of: so a month is the sum of its days for several meters too.

    Raises ``ValueError`` where ``domain.calendar.edges`` does.
    """
    bars = edges(period, anchor, zone)
    names = list(zip(slots(period, bars, zone), labels(period, bars, zone), strict=True))
    if period in {Period.HOUR, Period.DAY}:
        return Frame(bars, [Place(slot, label, "") for slot, label in names])
    marks = days(bars[0], bars[-1], zone)
    return Frame(marks, [Place(*names[bisect_right(bars, t) - 1], str(local_date(t, zone))) for t in marks[:-1]])
