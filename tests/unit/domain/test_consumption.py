"""Energy of hours, days, months and years, in zones where the clocks misbehave."""

from collections.abc import Callable
from datetime import date
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.calendar import Period, day_of, edges, local_date
from enertrack.domain.energy import SLACK_WH, Register, Step, increment
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution, for_edges, hour_of, quarter_of
from enertrack.domain.summary import Consumption, Window, consumption, fold, summarize
from tests.unit.domain.strategies import CALM, MAX_W, in_zones

Store = dict[Resolution, list[Window]]


def stored(readings: list[Reading], zone: ZoneInfo) -> Store:
    """The windows that the roll-ups keep: quarters of an hour from readings, the others from these."""
    quarters = [
        Window(start, start + QUARTER_S, summarize(group, MAX_W))
        for start, group in groupby(sorted(readings, key=lambda r: r.t), key=lambda r: quarter_of(r.t))
    ]

    def folded(window_of: Callable[[int], tuple[int, int]]) -> list[Window]:
        by_window = groupby(quarters, key=lambda q: window_of(q.end))
        return [Window(*window, fold((q.summary for q in group), MAX_W)) for window, group in by_window]

    return {
        Resolution.QUARTER: quarters,
        Resolution.HOUR: folded(lambda t: (hour_of(t), hour_of(t) + HOUR_S)),
        Resolution.DAY: folded(lambda t: day_of(t, zone)),
    }


def consumed(store: Store, period: Period, anchor: date, zone: ZoneInfo) -> list[Consumption]:
    """What a page shows: windows of the range and the nearest with a register on either side."""
    bins = edges(period, anchor, zone)
    windows = store[for_edges(period, bins)]
    known = [w for w in windows if w.summary.first]
    before = [w for w in known if w.start < bins[0]][-1:]
    after = [w for w in known if w.start >= bins[-1]][:1]
    inside = [w for w in windows if bins[0] <= w.start < bins[-1]]
    return consumption([*before, *inside, *after], bins, MAX_W)


def total(bins: list[Consumption]) -> tuple[float, float]:
    return sum(b.energy_wh for b in bins), sum(b.estimated_wh for b in bins)


def bin_of(bins: list[Consumption], start: int) -> tuple[float, float]:
    return next((b.energy_wh, b.estimated_wh) for b in bins if b.start == start)


def ordered(readings: list[Reading]) -> list[Reading]:
    return [r for _, r in sorted({r.t: r for r in readings}.items())]


@given(in_zones(), st.data())
def test_hours_add_up_to_their_day_days_to_months_months_to_years(
    lived: tuple[ZoneInfo, list[Reading]], data: st.DataObject
) -> None:
    zone, readings = lived
    store = stored(ordered(readings), zone)
    day = local_date(data.draw(st.sampled_from(readings)).t - 1, zone)
    hours, days, months, years = (consumed(store, period, day, zone) for period in Period)
    assert total(hours) == pytest.approx(bin_of(days, hours[0].start), abs=1e-3)
    assert total(days) == pytest.approx(bin_of(months, days[0].start), abs=1e-3)
    assert total(months) == pytest.approx(bin_of(years, months[0].start), abs=1e-3)


@given(in_zones(("run", "run", "reset", "new meter", "clock back")), st.data())
def test_each_bin_holds_what_flowed_between_its_edges(
    lived: tuple[ZoneInfo, list[Reading]], data: st.DataObject
) -> None:
    """Against plain integration over the readings, pair by pair."""
    zone, readings = lived
    known = [Register(r.t, r.dt, r.energia_wh or 0.0, r.seq) for r in ordered(readings)]
    steps = [(a, b, increment(a, b, MAX_W).wh / (b.t - a.t)) for a, b in pairwise(known)]
    day = local_date(data.draw(st.sampled_from(readings)).t - 1, zone)
    for bin_ in consumed(stored(ordered(readings), zone), Period.HOUR, day, zone):
        flowed = sum(rate * max(0, min(b.t, bin_.end) - max(a.t, bin_.start)) for a, b, rate in steps)
        assert bin_.energy_wh == pytest.approx(flowed, abs=1e-3)


@given(in_zones())
def test_the_years_hold_the_whole_history_and_never_more_than_the_meter_can_measure(
    lived: tuple[ZoneInfo, list[Reading]],
) -> None:
    zone, readings = lived
    known = [r for r in ordered(readings) if r.energia_wh is not None]
    years = consumed(stored(ordered(readings), zone), Period.YEAR, local_date(known[-1].t, zone), zone)
    whole = summarize(readings, MAX_W)
    loose = whole.before_wh + whole.after_wh
    assert total(years) == pytest.approx((whole.energy_wh + loose, whole.estimated_wh), abs=1e-3)
    cap = MAX_W * (known[-1].t - known[0].t) / 3600 + SLACK_WH * len(known)
    assert total(years)[0] - loose <= cap
    if Step.CLOCK not in whole.steps:
        assert all(b.energy_wh >= 0 for b in years)


@given(in_zones(CALM))
def test_energy_of_a_range_is_the_difference_of_the_register(lived: tuple[ZoneInfo, list[Reading]]) -> None:
    """With gaps, a silent sensor and turns of the register, as long as nothing is loose at the ends."""
    zone, readings = lived
    known = [r.energia_wh for r in readings if r.energia_wh is not None]
    whole = summarize(readings, MAX_W)
    years = consumed(stored(readings, zone), Period.YEAR, local_date(readings[-1].t, zone), zone)
    used = known[-1] - known[0] + 10_000_000 * whole.steps.get(Step.WRAP, 0)
    assert total(years)[0] == pytest.approx(used + whole.before_wh + whole.after_wh, abs=1)


@given(in_zones(), st.data())
def test_only_what_an_owner_reads_inside_a_bin_is_its_summary(
    lived: tuple[ZoneInfo, list[Reading]], data: st.DataObject
) -> None:
    zone, readings = lived
    day = local_date(data.draw(st.sampled_from(readings)).t - 1, zone)
    for bin_ in consumed(stored(ordered(readings), zone), Period.HOUR, day, zone):
        inside = [r for r in ordered(readings) if bin_.start < r.t <= bin_.end]
        assert bin_.summary == summarize(inside, MAX_W)


def reading(t: int, register: float | None = None, consumed_wh: float | None = None, dt: int = 60) -> Reading:
    return Reading(t=t, dt=dt, energia_wh=register, consumo_wh=consumed_wh)


def hourly(readings: list[Reading], hours: int) -> list[tuple[float, float]]:
    windows = [
        Window(start, start + QUARTER_S, summarize(group, MAX_W))
        for start, group in groupby(readings, key=lambda r: quarter_of(r.t))
    ]
    bins = consumption(windows, [HOUR_S * n for n in range(hours + 1)], MAX_W)
    return [(b.energy_wh, b.estimated_wh) for b in bins]


def test_energy_of_a_gap_is_shared_by_time_and_marked_estimated() -> None:
    assert hourly([reading(1800, 100), reading(3600 + 1800, 400)], 2) == [(150, 150), (150, 150)]
    assert hourly([reading(2700, 100), reading(2 * 3600 + 900, 700)], 3) == [(100, 100), (400, 400), (100, 100)]


def test_energy_of_two_windows_in_a_row_is_shared_at_the_edge_without_a_mark() -> None:
    assert hourly([reading(3570, 100), reading(3630, 110)], 2) == [(5, 0), (5, 0)]


def test_energy_from_beyond_the_range_counts_only_with_its_share() -> None:
    windows = [
        Window(-900, 0, summarize([reading(-900 + 60, 0)], MAX_W)),
        Window(7200, 8100, summarize([reading(7200 + 840, 888)], MAX_W)),
    ]
    found = consumption(windows, [0, 3600, 7200], MAX_W)
    assert [round(b.energy_wh) for b in found] == [360, 360]
    assert [b.summary.count for b in found] == [0, 0]


def test_consumption_counts_only_where_no_register_brackets_it() -> None:
    assert hourly([reading(60, None, 7), reading(3660, None, 8)], 2) == [(7, 0), (8, 0)]
    assert hourly([reading(60, None, 7), reading(1800, 100, 9), reading(1860, 103), reading(3660, None, 8)], 2) == [
        (10, 0),
        (8, 0),
    ]
    assert hourly([reading(60, 100), reading(1860, None, 50), reading(3600, 118)], 1) == [(18, 18)]


def test_a_new_meter_and_a_clock_step_keep_the_sums() -> None:
    new_meter = [reading(60, 1000), reading(120, 900_000), reading(180, 900_005)]
    assert hourly(new_meter, 1)[0][0] == 5
    stepped = [
        Reading(t=60 * n, dt=60, seq=seq, energia_wh=wh)
        for n, (seq, wh) in enumerate([(1, 0.0), (4, 30.0), (2, 10.0), (5, 40.0), (3, 20.0)], start=1)
    ]
    assert hourly(stepped, 1)[0][0] == 20


def test_no_readings_and_no_bins() -> None:
    assert hourly([], 2) == [(0, 0), (0, 0)]
    assert consumption([], [0], MAX_W) == []


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Madrid", date(2026, 3, 29), 23), ("Europe/Madrid", date(2026, 10, 25), 25)],
)
def test_a_steady_load_fills_days_of_23_and_25_hours(zone: str, day: date, hours: int) -> None:
    place = ZoneInfo(zone)
    bins = edges(Period.HOUR, day, place)
    steady = [reading(t, (t - bins[0]) / 60) for t in range(bins[0] - 3600, bins[-1] + 3601, 60)]
    store = stored([reading(r.t, (r.energia_wh or 0) + 1000) for r in steady], place)
    found = consumed(store, Period.HOUR, day, place)
    assert [round(b.energy_wh, 6) for b in found] == [60] * hours
    days = {b.start: b.energy_wh for b in consumed(store, Period.DAY, day, place)}
    assert days[bins[0]] == pytest.approx(60 * hours)
