from bisect import bisect_left
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.energy import Register, Step
from enertrack.domain.reading import Reading
from enertrack.domain.summary import EMPTY, Stat, Summary, combine, fold, summarize
from tests.unit.domain.strategies import CALM, MAX_W, histories

START = 1_790_000_000


def in_time(readings: list[Reading]) -> list[Reading]:
    by_time = {r.t: r for r in readings}
    return [by_time[t] for t in sorted(by_time)]


@given(histories(START), st.lists(st.integers(START - 10, START + 5_000_000)))
def test_any_split_into_windows_folds_to_the_same_summary(readings: list[Reading], cuts: list[int]) -> None:
    ordered = in_time(readings)
    at = [0, *sorted(bisect_left(ordered, cut, key=lambda r: r.t) for cut in cuts), len(ordered)]
    windows = [summarize(ordered[i:j], MAX_W) for i, j in pairwise(at)]
    assert fold(windows, MAX_W) == summarize(ordered, MAX_W)


@given(histories(START))
def test_summarizing_equals_folding_readings_one_by_one(readings: list[Reading]) -> None:
    singles = [summarize([r], MAX_W) for r in in_time(readings)]
    assert fold(singles, MAX_W) == summarize(readings, MAX_W)


@given(histories(START), st.integers(0, 30), st.integers(0, 30))
def test_combining_is_associative(readings: list[Reading], i: int, j: int) -> None:
    ordered = in_time(readings)
    i, j = sorted((i, j))
    a, b, c = (summarize(part, MAX_W) for part in (ordered[:i], ordered[i:j], ordered[j:]))
    assert combine(combine(a, b, MAX_W), c, MAX_W) == combine(a, combine(b, c, MAX_W), MAX_W)


@given(histories(START))
def test_the_empty_summary_is_neutral(readings: list[Reading]) -> None:
    some = summarize(readings, MAX_W)
    assert combine(EMPTY, some, MAX_W) == some == combine(some, EMPTY, MAX_W)
    assert fold([], MAX_W) == summarize([], MAX_W) == EMPTY


@given(histories(START), st.randoms(use_true_random=False), st.data())
def test_order_of_arrival_and_repeats_change_nothing(
    readings: list[Reading], dice: Random, data: st.DataObject
) -> None:
    ordered = in_time(readings)
    arrived = ordered + data.draw(st.lists(st.sampled_from(ordered)))
    dice.shuffle(arrived)
    assert summarize(arrived, MAX_W) == summarize(ordered, MAX_W)


@given(histories(START, CALM))
def test_energy_is_the_difference_of_the_registers_and_the_turns_between(readings: list[Reading]) -> None:
    known = [r.energia_wh for r in readings if r.energia_wh is not None]
    whole = summarize(readings, MAX_W)
    assert whole.energy_wh == known[-1] - known[0] + 10_000_000 * whole.steps.get(Step.WRAP, 0)
    assert whole.steps.keys() <= {Step.WRAP}


@given(histories(START))
def test_seconds_covered_never_exceed_those_that_passed(readings: list[Reading]) -> None:
    s = summarize(readings, MAX_W)
    assert 0 <= s.covered_s <= s.last_t - s.first_t + s.first_dt


def test_a_summary_holds_what_its_readings_say() -> None:
    readings = [
        Reading(t=60, dt=60, seq=1, energia_wh=100.0, potencia=600.0, potencia_max=900.0, tension=230.0),
        Reading(t=120, dt=60, seq=2, energia_wh=110.0, potencia=300.0, tension=220.0, fp=0.5),
        Reading(t=400, dt=30, seq=3, energia_wh=112.0, corriente=0.0),
    ]
    assert summarize(readings, MAX_W) == Summary(
        count=3,
        covered_s=150,
        first_t=60,
        first_dt=60,
        last_t=400,
        first=Register(60, 60, 100.0, 1),
        last=Register(400, 30, 112.0, 3),
        energy_wh=12.0,
        estimated_wh=2.0,
        magnitudes={
            "tension": Stat(27_000.0, 120, 220.0, 230.0),
            "corriente": Stat(0.0, 30, 0.0, 0.0),
            "potencia": Stat(54_000.0, 120, 300.0, 900.0),
            "fp": Stat(30.0, 60, 0.5, 0.5),
        },
    )


def test_overlapping_readings_cover_their_seconds_once() -> None:
    assert summarize([Reading(t=100, dt=60), Reading(t=130, dt=60)], MAX_W).covered_s == 90


def test_the_mean_is_over_time_and_unknown_where_no_second_was_covered() -> None:
    assert Stat(54_000.0, 120, 300.0, 900.0).mean == 450.0
    opening = summarize([Reading(t=60, dt=0, tension=230.0)], MAX_W)
    assert opening.magnitudes["tension"].mean is None


def test_consumption_of_a_window_counts_only_where_no_register_brackets_it() -> None:
    def reading(t: int, register: float | None, consumed: float) -> Reading:
        return Reading(t=t, dt=60, energia_wh=register, consumo_wh=consumed)

    loose = [reading(60, None, 1.0), reading(120, None, 2.0)]
    assert summarize(loose, MAX_W).before_wh == 3.0
    bracketed = [
        reading(60, None, 1),
        reading(120, 50, 2),
        reading(180, None, 4),
        reading(240, 57, 8),
        reading(300, None, 16),
    ]
    found = summarize(bracketed, MAX_W)
    assert (found.before_wh, found.energy_wh, found.after_wh) == (1.0, 7.0, 16.0)


def test_steps_of_both_sides_and_between_are_counted() -> None:
    registers = [100.0, 5.0, 9_000_000.0, 3.0]
    readings = [Reading(t=60 * i, dt=60, seq=i, energia_wh=wh) for i, wh in enumerate(registers)]
    halves = [summarize(readings[:2], MAX_W), summarize(readings[2:], MAX_W)]
    assert fold(halves, MAX_W).steps == {Step.RESET: 2, Step.REPLACED: 1}
