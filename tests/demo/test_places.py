from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.demo.appliances import chance
from enertrack.demo.places import PARTS, Place, Site, load
from enertrack.domain.energy import DEFAULT_MAX_W

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
places = st.sampled_from(Place)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1))  # noqa: DTZ001 - as the wall clock shows
seeds = st.integers(0, 2**32)


def mean_w(place: Place, begin: datetime, hours: int, seed: int = 1) -> float:
    minutes = [load(place, begin + timedelta(minutes=m), seed).power_w for m in range(60 * hours)]
    return sum(minutes) / len(minutes)


@given(places, moments, seeds)
def test_what_a_meter_shows_can_be(place: Place, local: datetime, seed: int) -> None:
    shown = load(place, local, seed)
    assert 0 <= shown.power_w < DEFAULT_MAX_W
    assert 200 < shown.voltage_v < 240
    assert 0 <= shown.power_factor <= 1
    assert bool(shown.power_factor) == bool(shown.power_w)
    assert 49.9 < shown.frequency_hz < 50.1
    assert shown.power_w == pytest.approx(shown.voltage_v * shown.current_a * shown.power_factor)


@given(places, moments, seeds)
def test_the_same_moment_always_shows_the_same(place: Place, local: datetime, seed: int) -> None:
    assert load(place, local, seed) == load(place, local.replace(tzinfo=BUENOS_AIRES), seed)


@given(places, seeds, st.integers(1_500_000_000, 2_000_000_000), st.lists(st.integers(0, 7200), max_size=20))
def test_the_register_never_falls_and_grows_by_the_mean_power(
    place: Place, seed: int, t: int, steps: list[int]
) -> None:
    site = Site(place, BUENOS_AIRES, seed)
    register_wh = 0.0
    for dt in steps:
        t += dt
        found = site.reading(t, dt, register_wh)
        assert found.energia_wh is not None
        assert found.potencia is not None
        assert found.potencia_max is not None
        assert found.energia_wh >= register_wh
        assert found.energia_wh - register_wh == pytest.approx(found.potencia * dt / 3600, abs=0.05 * dt / 3600 + 0.002)
        assert found.potencia_max >= found.potencia
        register_wh = found.energia_wh


@given(st.lists(st.integers(-(2**70), 2**70), max_size=4))
def test_chance_is_a_share(key: list[int]) -> None:
    assert 0 <= chance(*key) <= 1


def test_chance_is_even() -> None:
    numbers = [chance(3, day, slot) for day in range(100) for slot in range(100)]
    for tenth in range(10):
        assert 850 < sum(tenth <= 10 * x < tenth + 1 for x in numbers) < 1150


def test_the_workshop_works_on_workdays_and_rests_at_noon() -> None:
    monday, sunday = datetime(2026, 6, 1), datetime(2026, 6, 7)  # noqa: DTZ001
    work = mean_w(Place.WORKSHOP, monday.replace(hour=9), 3)
    assert work > 1500
    assert mean_w(Place.WORKSHOP, monday.replace(hour=12), 2) < 0.3 * work
    assert mean_w(Place.WORKSHOP, sunday.replace(hour=9), 3) < 100


def test_the_shop_keeps_siesta_and_its_cold() -> None:
    tuesday = datetime(2026, 6, 2)  # noqa: DTZ001
    siesta = mean_w(Place.SHOP, tuesday.replace(hour=14), 3)
    assert 200 < siesta < 0.8 * mean_w(Place.SHOP, tuesday.replace(hour=18), 3)


def test_the_house_cools_in_summer_and_heats_in_winter() -> None:
    january, april, july = (mean_w(Place.HOUSE, datetime(2026, month, 1), 24 * 28) for month in (1, 4, 7))  # noqa: DTZ001
    assert january > april
    assert july > april
    assert 4 < april * 24 / 1000 < 20


@given(moments, seeds)
def test_a_part_draws_no_more_than_the_whole(local: datetime, seed: int) -> None:
    for part, whole in PARTS.items():
        assert load(part, local, seed).power_w <= load(whole, local, seed).power_w
