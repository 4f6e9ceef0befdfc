"""Longer bars are made of whole days, each in the one bar that it lies in."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.calendar import Period, day_edges, edges, local_date
from enertrack.web.consumption.frame import frame

ZONES = [ZoneInfo(z) for z in ("Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Gaza", "Pacific/Apia")]


@pytest.mark.parametrize("period", [Period.MONTH, Period.YEAR])
@given(st.sampled_from(ZONES), st.dates(date(1985, 1, 1), date(2037, 12, 31)))
def test_days_tile_the_bars(period: Period, zone: ZoneInfo, anchor: date) -> None:
    found, bars = frame(period, anchor, zone), edges(period, anchor, zone)
    assert set(bars) <= set(found.edges)
    assert len(found.places) == len(found.edges) - 1
    for (start, end), place in zip(pairwise(found.edges), found.places, strict=True):
        day = local_date(start, zone)
        assert (start, end) == day_edges(day, zone)
        assert place.cell == str(day)
        assert place.cell.startswith(place.label)
