from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.calendar import Period, edges
from enertrack.domain.resolution import Resolution, choose, for_edges, hour_of, quarter_of

DAY = 86_400
STEP_S = {Resolution.RAW: 60, Resolution.QUARTER: 900, Resolution.HOUR: 3600, Resolution.DAY: DAY}


@pytest.mark.parametrize(
    ("span_s", "resolution"),
    [
        (DAY, Resolution.RAW),
        (1500 * 60, Resolution.RAW),
        (1500 * 60 + 1, Resolution.QUARTER),
        (7 * DAY, Resolution.QUARTER),
        (31 * DAY, Resolution.HOUR),
        (366 * DAY, Resolution.DAY),
        (3000 * DAY, Resolution.DAY),
    ],
)
def test_what_a_chart_is_drawn_from(span_s: int, resolution: Resolution) -> None:
    assert choose(1_000, 1_000 + span_s) is resolution


@given(st.integers(0, 1500 * DAY), st.integers(100, 3000))
def test_a_chart_has_no_more_points_than_asked_for_and_the_finest_that_fit(span_s: int, max_points: int) -> None:
    chosen = choose(0, span_s, max_points=max_points)
    finer = [r for r in STEP_S if STEP_S[r] < STEP_S[chosen]]
    assert chosen is Resolution.DAY or span_s / STEP_S[chosen] <= max_points
    assert all(span_s / STEP_S[r] > max_points for r in finer)


def test_slow_meters_are_drawn_from_their_readings_for_longer() -> None:
    assert choose(0, 2 * DAY, interval_s=120) is Resolution.RAW
    assert choose(0, 2 * DAY, interval_s=60) is Resolution.QUARTER


@pytest.mark.parametrize(
    ("period", "zone", "resolution"),
    [
        (Period.HOUR, "Europe/Madrid", Resolution.HOUR),
        (Period.HOUR, "America/Argentina/Buenos_Aires", Resolution.HOUR),
        (Period.HOUR, "Asia/Kathmandu", Resolution.QUARTER),
        (Period.DAY, "Asia/Kathmandu", Resolution.DAY),
        (Period.MONTH, "Europe/Madrid", Resolution.DAY),
        (Period.YEAR, "Europe/Madrid", Resolution.DAY),
    ],
)
def test_which_windows_bins_are_folded_from(period: Period, zone: str, resolution: Resolution) -> None:
    assert for_edges(period, edges(period, date(2026, 10, 25), ZoneInfo(zone))) is resolution


zones = st.sampled_from(["Europe/Madrid", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Kolkata"])


@given(zones, st.dates(date(1975, 1, 1), date(2037, 12, 31)))
def test_no_edge_cuts_a_window(zone: str, day: date) -> None:
    bins = edges(Period.HOUR, day, ZoneInfo(zone))
    step_s = STEP_S[for_edges(Period.HOUR, bins)]
    assert all(a % step_s == b % step_s == 0 for a, b in pairwise(bins))


@given(st.integers(0, 2**34))
def test_a_reading_belongs_to_the_window_that_ends_with_it(t: int) -> None:
    assert quarter_of(t) < t <= quarter_of(t) + 900
    assert hour_of(t) < t <= hour_of(t) + 3600
    assert quarter_of(t) % 900 == hour_of(t) % 3600 == 0
