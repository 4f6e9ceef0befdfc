"""Invented places of Argentina and what their meters would show."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.demo.appliances import (
    MON_TO_SAT,
    WORKDAYS,
    Appliance,
    Base,
    Bursts,
    Climate,
    Compressor,
    Habit,
    Moment,
    Open,
    chance,
    moment,
)
from enertrack.domain.reading import Reading

VOLTAGE_V: Final = 220.0
FREQUENCY_HZ: Final = 50.0


class Place(StrEnum):
    """The kinds of invented places, by the names of their meters."""

    HOUSE = "Casa"
    WORKSHOP = "Taller"
    SHOP = "Comercio"
    AIR = "Aire acondicionado"


_WORK: Final = ((8.0, 12.0), (14.0, 18.0))
_TRADE: Final = ((9.0, 13.0), (17.0, 21.0))
WEEKEND: Final = frozenset({5, 6})

APPLIANCES: Final[Mapping[Place, Sequence[Appliance]]] = MappingProxyType(
    {
        Place.HOUSE: (
            Base(0.72, 85),
            Compressor(0.68, 120, 2700),
            Habit(1.0, 1900, 7.3, 0.5, 4, WORKDAYS),
            Habit(1.0, 1900, 9.2, 0.8, 4, WEEKEND),
            Habit(1.0, 1900, 17.5, 0.8, 4, likely=0.8),
            Habit(0.95, 950, 12.8, 0.5, 9, likely=0.6),
            Habit(0.92, 2000, 10.5, 2.5, 75, likely=0.35, heating=0.25),
            Habit(1.0, 1300, 21.0, 0.7, 30, likely=0.4),
            Open(0.62, 130, ((19.3, 23.6),)),
            Open(0.62, 60, ((6.8, 8.2),)),
            Climate(0.93, 1350, ((13.0, 16.0), (19.5, 24.0))),
            Climate(0.93, 700, ((0.0, 6.0),)),
        ),
        Place.WORKSHOP: (
            Base(0.6, 60),
            Open(0.9, 650, _WORK, WORKDAYS),
            Open(0.9, 400, ((8.5, 12.5),), frozenset({5})),
            Bursts(0.72, 4800, _WORK, WORKDAYS, 0.3, 90),
            Bursts(0.78, 1500, _WORK, WORKDAYS, 0.35, 300),
            Bursts(0.72, 3800, ((8.5, 12.5),), frozenset({5}), 0.15, 90),
            Bursts(0.82, 2200, _WORK, MON_TO_SAT, 0.25, 480),
            Habit(1.0, 1900, 10.0, 0.3, 4, WORKDAYS),
        ),
        Place.SHOP: (
            Base(0.7, 140),
            Compressor(0.7, 380, 1500),
            Compressor(0.72, 450, 1860),
            Compressor(0.66, 260, 2400),
            Open(0.88, 780, _TRADE, MON_TO_SAT),
            Open(0.88, 150, ((21.0, 24.0), (0.0, 6.5))),
            Habit(1.0, 1500, 9.4, 0.3, 6, MON_TO_SAT),
            Climate(0.92, 2600, _TRADE, MON_TO_SAT),
        ),
    }
)


PARTS: Final = {Place.AIR: Place.HOUSE}
"""Places whose meter measures a part of what another's measures: the same appliances, with the same seed."""
_AIR: Final = [i for i, appliance in enumerate(APPLIANCES[Place.HOUSE]) if isinstance(appliance, Climate)]


def _circuits(place: Place, numbers: Sequence[int]) -> tuple[tuple[int, Callable[[Moment, int], float], float], ...]:
    own = APPLIANCES[place]
    return tuple((i, own[i].power_w, math.tan(math.acos(own[i].fp))) for i in numbers)


_CIRCUITS: Final = {
    **{place: _circuits(place, range(len(appliances))) for place, appliances in APPLIANCES.items()},
    Place.AIR: _circuits(Place.HOUSE, _AIR),
}
"""Of each appliance its number, what it draws, and its reactive power for each watt."""


class Load(msgspec.Struct, frozen=True, gc=False):
    """What a meter shows at one moment."""

    power_w: float
    voltage_v: float
    current_a: float
    power_factor: float
    frequency_hz: float


def load(place: Place, local: datetime, seed: int) -> Load:
    """What the meter of ``place`` shows at a local time: a pure function, so that past and present join."""
    m = moment(local, seed)
    power_w = reactive_var = 0.0
    for number, draws_w, var_a_watt in _CIRCUITS[place]:
        if watts := draws_w(m, seed * 101 + number):
            power_w += watts
            reactive_var += watts * var_a_watt
    noise = chance(seed, m.day, m.second) - 0.5
    power_w *= 1 + 0.02 * noise
    apparent_va = math.hypot(power_w, reactive_var)
    evening_v = 4.0 * math.exp(-((m.hour - 20.5) ** 2) / 6)
    voltage_v = VOLTAGE_V + 3 - evening_v - power_w / 2500 + 2 * noise + math.sin(m.second / 217 + m.day)
    frequency_hz = FREQUENCY_HZ + 0.04 * math.sin(m.second / 61 + m.day)
    return Load(
        power_w, voltage_v, apparent_va / voltage_v, power_w / apparent_va if apparent_va else 0.0, frequency_hz
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its zone and the seed that tells it from others of its kind."""

    place: Place
    zone: ZoneInfo
    seed: int

    def load(self, t: float) -> Load:
        """What its meter shows at Unix time ``t``."""
        return load(self.place, datetime.fromtimestamp(t, self.zone), self.seed)

    def reading(self, t: int, dt: int, before_wh: float) -> Reading:
        """What its meter sends for (t - dt, t], the register being ``before_wh`` at t - dt (kept to 0.001 Wh).

        Its means are those of two moments.
        """
        a, b = self.load(t - 0.75 * dt), self.load(t - 0.25 * dt)
        power_w = (a.power_w + b.power_w) / 2
        return Reading(
            t=t,
            dt=dt,
            energia_wh=round(before_wh + power_w * dt / 3600, 3),
            potencia=round(power_w, 1),
            potencia_max=round(max(a.power_w, b.power_w), 1),
            tension=round((a.voltage_v + b.voltage_v) / 2, 1),
            corriente=round((a.current_a + b.current_a) / 2, 3),
            fp=round((a.power_factor + b.power_factor) / 2, 2),
            frecuencia=round((a.frequency_hz + b.frequency_hz) / 2, 2),
        )
