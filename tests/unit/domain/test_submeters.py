"""A sum counts each watt-hour once, however the meters lie under each other."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.submeters import counted, mains, standing_for, under, unmeasured

Parents = Mapping[int, int | None]

METERS = st.integers(0, 9)
TANGLES = st.dictionaries(METERS, st.none() | METERS)
"""Links of any kind, circles too."""
TREES = st.lists(st.none() | st.floats(0, 1, exclude_max=True), min_size=1, max_size=10).map(
    lambda draws: {i: None if d is None or i == 0 else int(d * i) for i, d in enumerate(draws)}
)
"""Each meter's main is an older one."""
CHOSEN = st.sets(METERS)


@given(TANGLES, METERS)
def test_nothing_is_its_own_main(parents: Parents, meter: int) -> None:
    found = mains(parents, meter)
    assert meter not in found
    assert len(found) == len(set(found))


@given(TANGLES, CHOSEN)
def test_each_meter_is_counted_or_lies_under_one_that_is(parents: Parents, chosen: set[int]) -> None:
    found = counted(parents, chosen)
    assert found <= chosen
    assert all(m in found or found & set(mains(parents, m)) for m in chosen)
    assert bool(found) == bool(chosen)


@given(TANGLES, CHOSEN)
def test_no_counted_meter_lies_under_another(parents: Parents, chosen: set[int]) -> None:
    found = counted(parents, chosen)
    assert not any(found & set(mains(parents, m)) for m in found)
    assert counted(parents, found) == found


@given(TREES, st.data())
def test_sum_is_the_energy_below_the_chosen_meters_once(parents: dict[int, int | None], data: st.DataObject) -> None:
    own = {m: data.draw(st.integers(0, 1000), label=f"own energy of {m}") for m in parents}
    chosen = data.draw(st.sets(st.sampled_from(sorted(parents))))
    below = {m: {n for n in parents if n == m or m in mains(parents, n)} for m in parents}
    reading = {m: sum(own[n] for n in below[m]) for m in parents}
    covered = set().union(*(below[m] for m in chosen))
    assert sum(reading[m] for m in counted(parents, chosen)) == sum(own[n] for n in covered)


@given(TANGLES, st.dictionaries(METERS, st.integers(-5, 1000)))
def test_main_meters_that_were_there_stand_for_all(parents: Parents, values: dict[int, int]) -> None:
    assert standing_for(parents, values, values) == counted(parents, values)


@given(TREES, st.data())
def test_a_main_meter_that_was_away_hides_nothing(parents: dict[int, int | None], data: st.DataObject) -> None:
    values = {m: data.draw(st.integers(0, 1000)) for m in parents}
    whole = data.draw(st.sets(st.sampled_from(sorted(parents))))
    found = standing_for(parents, values, whole)
    assert not any(found & set(mains(parents, m)) for m in found)
    total = sum(values[m] for m in found)
    assert total >= sum(values[m] for m in counted(parents, values))
    assert sum(values[m] for m in standing_for(parents, values, ())) >= total


@given(TANGLES, st.lists(METERS, unique=True))
def test_all_are_shown_once_below_their_main(parents: Parents, meters: list[int]) -> None:
    shown = under(parents, meters)
    assert sorted(m for m, _ in shown) == sorted(meters)
    place = {m: i for i, (m, _) in enumerate(shown)}
    for m, depth in shown:
        above = [a for a in mains(parents, m) if a in place]
        assert depth == len(above)
        assert all(place[a] < place[m] for a in above)


@given(TREES, st.data())
def test_what_no_sub_meter_saw_is_the_mains_own(parents: dict[int, int | None], data: st.DataObject) -> None:
    own = {m: data.draw(st.integers(0, 1000), label=f"own energy of {m}") for m in parents}
    reading = {m: float(sum(own[n] for n in parents if n == m or m in mains(parents, n))) for m in parents}
    rest = unmeasured(parents, reading)
    assert rest == {m: own[m] for m in set(parents.values()) - {None} if m is not None}


def test_more_below_than_above_leaves_nothing() -> None:
    assert unmeasured({2: 1}, {1: 100.0, 2: 101.0}) == {1: 0.0}


def test_what_a_sub_meter_measures_while_the_main_meter_is_away_takes_nothing_from_it() -> None:
    assert unmeasured({2: 1}, {2: 500.0}, {1: 0.0, 2: 300.0}, {1: 100.0, 2: 60.0}) == {1: 40.0}
