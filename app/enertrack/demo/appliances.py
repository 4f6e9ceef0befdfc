"""Appliances of invented places: what each draws is a pure function of the moment and a seed."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Protocol

import msgspec

_RANGE: Final = float(1 << 64)
_MASK: Final = (1 << 64) - 1
_MID_JANUARY: Final = date(2024, 1, 18).toordinal()
WEEK: Final = frozenset(range(7))
WORKDAYS: Final = frozenset(range(5))
MON_TO_SAT: Final = frozenset(range(6))


def chance(*key: int) -> float:
    """A number in [0, 1) that follows from ``key`` alone.

    The hash of a tuple of integers is the same in every process; a step of MurmurHash3's finaliser
    spreads it.
    """
    x = (hash(key) & _MASK) * 0xFF51AFD7ED558CCD & _MASK
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53 & _MASK
    return x / _RANGE


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A local moment: number and weekday (Monday 0) of the day, hour and second shown by the clock, °C outside."""

    day: int
    weekday: int
    hour: float
    second: int
    outside_c: float


def moment(local: datetime, seed: int) -> Moment:
    """The moment of a local time, with an invented temperature of the Argentine pampas."""
    day = local.toordinal()
    second = local.hour * 3600 + local.minute * 60 + local.second
    daily_c = 5.5 * math.cos(math.tau * (second / 3600 - 15.5) / 24)
    return Moment(day, local.weekday(), second / 3600, second, _mean_c(day, seed) + daily_c)


@lru_cache(maxsize=4096)
def _mean_c(day: int, seed: int) -> float:
    """The day's mean: the season's (warmest in mid January) and the weather's part, °C."""
    season = 17.5 + 7.0 * math.cos(math.tau * (day - _MID_JANUARY) / 365.2425)
    return season + 5.0 * sum(chance(seed, 1, day // span) - 0.5 for span in (2, 3, 5))


class Appliance(Protocol):
    """Anything that draws power with the power factor ``fp``."""

    @property
    def fp(self) -> float: ...  # noqa: D102

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""


@dataclass(frozen=True, slots=True)
class Base:
    """Drawn day and night, wavering by a tenth."""

    fp: float
    watts: float

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        return self.watts * (0.95 + 0.1 * chance(seed, m.day, m.second // 20))


@dataclass(frozen=True, slots=True)
class Compressor:
    """A refrigerator: on for a part of each cycle that grows with the heat."""

    fp: float
    watts: float
    cycle_s: int

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        cycle, at = divmod(m.day * 86_400 + m.second + 7919 * seed, self.cycle_s)
        duty = min(0.85, max(0.2, 0.38 + 0.015 * (m.outside_c - 18) + 0.08 * (chance(seed, cycle) - 0.5)))
        since = at / self.cycle_s
        return self.watts * (1.12 - 0.15 * since / duty) if since < duty else 0.0


@dataclass(frozen=True, slots=True)
class Habit:
    """Used on some days about the hour ``at`` (give or take ``spread_h``) for ``minutes``, heating first."""

    fp: float
    watts: float
    at: float
    spread_h: float
    minutes: float
    days: frozenset[int] = WEEK
    likely: float = 1.0
    heating: float = 1.0
    """Share of the time at full power; a fifth of it after that (a washing machine that has heated)."""

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        early_h = m.hour - self.at + self.spread_h
        if not 0 <= early_h < 2 * self.spread_h + self.minutes / 60 or m.weekday not in self.days:
            return 0.0
        since = (m.hour - _start(self.at, self.spread_h, self.likely, seed, m.day)) * 60 / self.minutes
        if not 0 <= since < 1:
            return 0.0
        return self.watts if since < self.heating else self.watts / 5


@lru_cache(maxsize=4096)
def _start(at: float, spread_h: float, likely: float, seed: int, day: int) -> float:
    """The hour at which a habit begins that day; infinite on a day without it."""
    if chance(seed, day, 1) >= likely:
        return math.inf
    return at + spread_h * (2 * chance(seed, day, 2) - 1)


@dataclass(frozen=True, slots=True)
class Open:
    """Drawn in the opening hours: lights, counters, machines that idle."""

    fp: float
    watts: float
    hours: tuple[tuple[float, float], ...]
    days: frozenset[int] = WEEK

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        return self.watts * (0.9 + 0.2 * chance(seed, m.day, m.second // 600)) if _open(self, m) else 0.0


@dataclass(frozen=True, slots=True)
class Bursts:
    """Used in the opening hours in bursts, as a welding machine: each slot of ``slot_s`` by chance."""

    fp: float
    watts: float
    hours: tuple[tuple[float, float], ...]
    days: frozenset[int]
    likely: float
    slot_s: int

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        slot = m.second // self.slot_s
        if not _open(self, m) or chance(seed, m.day, slot) >= self.likely:
            return 0.0
        return self.watts * (0.7 + 0.6 * chance(seed, m.day, slot, 1))


@dataclass(frozen=True, slots=True)
class Climate:
    """An air conditioner that cools over 25 °C and heats under 11 °C in its hours, the harder the further."""

    fp: float
    watts: float
    hours: tuple[tuple[float, float], ...]
    days: frozenset[int] = WEEK

    def power_w(self, m: Moment, seed: int) -> float:
        """Active power at a moment, W."""
        excess_c = max(m.outside_c - 25, 11 - m.outside_c)
        if excess_c <= 0 or not _open(self, m):
            return 0.0
        return self.watts * min(1.0, 0.4 + excess_c / 10) * (0.9 + 0.2 * chance(seed, m.day, m.second // 240))


def _open(what: Open | Bursts | Climate, m: Moment) -> bool:
    if m.weekday in what.days:
        for start, end in what.hours:
            if start <= m.hour < end:
                return True
    return False
