"""Hours tile days, days tile months, months tile years, whatever the clocks do."""

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.calendar import (
    Period,
    day_edges,
    day_of,
    edges,
    labels,
    last_year,
    local_date,
    month_before,
    previous,
    same_clock,
    slots,
)

MADRID = ZoneInfo("Europe/Madrid")
BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
ODD = ("Australia/Lord_Howe", "America/St_Johns", "America/Havana", "Asia/Gaza", "America/Nuuk", "Pacific/Chatham")
"""Half an hour of daylight saving, changes at one past midnight, at midnight, and offsets of 45 minutes."""

zones = st.sampled_from([MADRID, BUENOS_AIRES, KATHMANDU, *map(ZoneInfo, ODD)])
days = st.dates(date(1975, 1, 1), date(2037, 12, 31))


def utc(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


def hours_of(day: str, zone: ZoneInfo) -> float:
    start, end = day_edges(date.fromisoformat(day), zone)
    return (end - start) / 3600


@given(zones, days)
def test_bins_rise_strictly_and_tile_the_next_longer_one(zone: ZoneInfo, day: date) -> None:
    hours, in_month, in_year, years = (edges(period, day, zone) for period in Period)
    for found in (hours, in_month, in_year, years):
        assert all(a < b for a, b in pairwise(found))
    assert (hours[0], hours[-1]) == day_edges(day, zone)
    assert {hours[0], hours[-1]} <= set(in_month)
    assert {in_month[0], in_month[-1]} <= set(in_year)
    assert {in_year[0], in_year[-1]} == set(years[-2:])
    assert (len(in_year), len(years)) == (13, 6)


@given(zones, days)
def test_days_begin_with_the_first_second_of_their_date(zone: ZoneInfo, day: date) -> None:
    start, end = day_edges(day, zone)
    assert local_date(start - 1, zone) < day == local_date(start, zone)
    assert (end - start) / 3600 in {22.75, 23, 23.5, 24, 24.5, 25}


@given(zones, st.integers(utc("1975-01-02"), utc("2037-12-31")))
def test_every_second_lies_in_its_day(zone: ZoneInfo, t: int) -> None:
    start, end = day_of(t, zone)
    assert start < t <= end
    assert day_of(start, zone)[1] == start
    assert day_of(end, zone) == (start, end)


def test_midnight_ends_its_day() -> None:
    start, end = day_edges(date(2026, 7, 9), BUENOS_AIRES)
    assert day_of(start + 1, BUENOS_AIRES) == day_of(end, BUENOS_AIRES) == (start, end)


def test_a_second_of_a_date_that_the_clocks_show_twice_lies_after_midnight() -> None:
    """St John's went back from 00:01 to 23:01: the date fell for an hour, the day had begun."""
    st_johns = ZoneInfo("America/St_Johns")
    again = int(datetime(2010, 11, 6, 23, 30, tzinfo=st_johns, fold=1).timestamp())
    assert local_date(again, st_johns) == date(2010, 11, 6)
    assert day_of(again, st_johns) == day_edges(date(2010, 11, 7), st_johns)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (MADRID, "2026-03-28", 24),
        (MADRID, "2026-03-29", 23),
        (MADRID, "2026-10-25", 25),
        (BUENOS_AIRES, "2007-12-30", 23),
        (BUENOS_AIRES, "2008-03-15", 25),
        (BUENOS_AIRES, "2008-10-19", 23),
        (BUENOS_AIRES, "2009-03-14", 25),
        (BUENOS_AIRES, "2026-10-18", 24),
        (KATHMANDU, "1986-01-01", 23.75),
        (KATHMANDU, "2026-01-01", 24),
    ],
)
def test_length_of_days(zone: ZoneInfo, day: str, hours: float) -> None:
    assert hours_of(day, zone) == hours


def test_edges_in_utc() -> None:
    day = date(2026, 3, 29)
    assert edges(Period.HOUR, day, MADRID)[:4] == [
        utc("2026-03-28T23:00"),
        utc("2026-03-29T00:00"),
        utc("2026-03-29T01:00"),
        utc("2026-03-29T02:00"),
    ]
    assert edges(Period.DAY, day, MADRID)[-4:] == [
        utc("2026-03-28T23:00"),
        utc("2026-03-29T22:00"),
        utc("2026-03-30T22:00"),
        utc("2026-03-31T22:00"),
    ]
    assert edges(Period.MONTH, day, BUENOS_AIRES)[::12] == [utc("2026-01-01T03:00"), utc("2027-01-01T03:00")]
    assert edges(Period.YEAR, day, KATHMANDU, years=1) == [utc("2025-12-31T18:15"), utc("2026-12-31T18:15")]


def test_a_day_that_a_place_skipped_has_no_bin() -> None:
    samoa = ZoneInfo("Pacific/Apia")
    december = edges(Period.DAY, date(2011, 12, 1), samoa)
    assert len(december) == 31
    assert "2011-12-30" not in labels(Period.DAY, december, samoa)
    assert len(edges(Period.HOUR, date(2011, 12, 30), samoa)) == 1


@pytest.mark.parametrize("year", [1969, 3000])
def test_years_out_of_the_calendar(year: int) -> None:
    with pytest.raises(ValueError, match=str(year)):
        edges(Period.MONTH, date(year, 5, 1), MADRID)


def test_labels() -> None:
    def named(period: Period, day: date) -> list[str]:
        return labels(period, edges(period, day, MADRID), MADRID)

    assert named(Period.HOUR, date(2026, 3, 29))[:4] == ["00:00", "01:00", "03:00", "04:00"]
    assert named(Period.HOUR, date(2026, 10, 25))[1:5] == ["01:00", "02:00 +02:00", "02:00 +01:00", "03:00"]
    assert named(Period.DAY, date(2026, 2, 9)) == [f"2026-02-{n:02}" for n in range(1, 29)]
    assert named(Period.MONTH, date(2026, 2, 9)) == [f"2026-{n:02}" for n in range(1, 13)]
    assert named(Period.YEAR, date(2026, 2, 9)) == ["2022", "2023", "2024", "2025", "2026"]


@given(zones, days)
def test_each_bin_has_its_own_label(zone: ZoneInfo, day: date) -> None:
    for period in Period:
        found = edges(period, day, zone)
        names = labels(period, found, zone)
        assert len(set(names)) == len(names) == len(found) - 1


def test_the_period_before() -> None:
    day = date(2026, 3, 31)
    assert previous(Period.HOUR, day) == date(2026, 3, 30)
    assert previous(Period.DAY, day) == date(2026, 2, 1)
    assert previous(Period.DAY, date(2026, 1, 31)) == date(2025, 12, 1)
    assert previous(Period.MONTH, day) == date(2025, 1, 1)
    assert previous(Period.YEAR, day, years=3) == date(2023, 1, 1)


@given(zones, days)
def test_the_bins_before_end_where_these_begin(zone: ZoneInfo, day: date) -> None:
    for period in Period:
        assert edges(period, previous(period, day), zone)[-1] == edges(period, day, zone)[0]


@given(zones, st.integers(utc("1976-01-02"), utc("2037-12-31")), days)
def test_same_clock_shows_the_same_on_its_day(zone: ZoneInfo, t: int, day: date) -> None:
    start, end = day_edges(day, zone)
    then = same_clock(t, day, zone)
    assert start <= then <= end
    if end - start == 86_400:
        assert f"{datetime.fromtimestamp(then, zone):%H:%M:%S}" == f"{datetime.fromtimestamp(t, zone):%H:%M:%S}"


def test_same_clock_over_a_change_of_the_clocks() -> None:
    noon = int(datetime(2026, 3, 30, 12, tzinfo=MADRID).timestamp())
    assert noon - same_clock(noon, date(2026, 3, 29), MADRID) == 86_400
    assert noon - same_clock(noon, date(2026, 3, 28), MADRID) == 2 * 86_400 - 3600


@given(days)
def test_month_before_is_the_month_before(day: date) -> None:
    found = month_before(day)
    assert (found.year * 12 + found.month) == day.year * 12 + day.month - 1
    assert found.day == day.day or (found.day < day.day and local_month(found) != local_month(found, 1))


def local_month(day: date, days_later: int = 0) -> int:
    return date.fromordinal(day.toordinal() + days_later).month


@given(days)
def test_last_year_is_the_same_month_and_day(day: date) -> None:
    assert last_year(Period.MONTH, day) is None
    assert last_year(Period.YEAR, day) is None
    found = last_year(Period.HOUR, day)
    assert found is not None
    assert (found.year, found.month) == (day.year - 1, day.month)
    assert found.day == day.day or (day.month, day.day, found.day) == (2, 29, 28)


@given(zones, days, st.sampled_from(Period))
def test_slots_tell_bins_of_a_period_apart(zone: ZoneInfo, day: date, period: Period) -> None:
    marks = edges(period, day, zone)
    found = slots(period, marks, zone)
    assert len(found) == len(set(found)) == len(marks) - 1


def test_doubled_hour_is_compared_once() -> None:
    doubled = slots(Period.HOUR, edges(Period.HOUR, date(2025, 10, 26), MADRID), MADRID)
    plain = slots(Period.HOUR, edges(Period.HOUR, date(2025, 10, 25), MADRID), MADRID)
    assert [s for s in doubled if s not in plain] == ["02:00 +"]
