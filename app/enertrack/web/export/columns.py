"""The columns of a file and the values under them; their names are Spanish for every reader, as programs read them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import floor
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.reading import Reading
from enertrack.domain.summary import Consumption, Stat
from enertrack.web.magnitudes import POWER, Magnitude

Numbers: TypeAlias = list[float | None]
"""What stands in a row under the columns after the moment and the meter."""


class Rows(msgspec.Struct, frozen=True):
    """Rows of one meter in the order of time: the Unix second of each, and its numbers."""

    meter: str
    board: str
    zone: ZoneInfo
    seconds: list[int]
    numbers: list[Numbers]

    @property
    def moments(self) -> list[datetime]:
        """What clocks show at the place."""
        return [datetime.fromtimestamp(t, self.zone) for t in self.seconds]

    @property
    def texts(self) -> list[str]:
        """The numbers of each row with commas between them, nothing where there is none.

        All of a slice are written at once, which takes a tenth of the time of one after the other.
        """
        written = msgspec.json.encode(self.numbers).decode().replace("null", "")
        return written[2:-2].split("],[") if self.numbers else []


TITLES: Final = {
    "potencia": "Potencia",
    "tension": "Tensión",
    "corriente": "Corriente",
    "fp": "Factor de potencia",
    "frecuencia": "Frecuencia",
}
_WHEN: Final = ["Momento (hora local)", "Momento (segundos UTC)", "Medidor", "Placa"]
_NOTHING: Final = [None, None, None]
_WATT_HOURS: Final = 1e6
_TENTH_THOUSANDTHS: Final = 1e4


def _named(magnitude: Magnitude, what: str = "") -> str:
    unit = f" ({magnitude.unit})" if magnitude.unit else ""
    return f"{TITLES[magnitude.name]}{what}{unit}"


def reading_columns(magnitudes: Sequence[Magnitude]) -> list[str]:
    """Of readings as they came."""
    found = [*_WHEN, "Registro (kWh)", "Duración (s)", *(_named(m) for m in magnitudes)]
    return [*found, _named(POWER, " máxima")] if POWER in magnitudes else found


def bin_columns(magnitudes: Sequence[Magnitude]) -> list[str]:
    """Of 15 minutes, hours, days and months."""
    kinds = " media", " mínima", " máxima"
    named = [_named(m, kind) for m in magnitudes for kind in kinds]
    return [*_WHEN, "Energía (kWh)", "Energía estimada (kWh)", "Cubierto (s)", *named]


def reading_numbers(magnitudes: Sequence[Magnitude]) -> Callable[[Reading], Numbers]:
    """What makes the numbers of a reading; its moment is the end of what it covers."""
    names = [m.name for m in magnitudes] + (["potencia_max"] if POWER in magnitudes else [])

    def numbers(r: Reading) -> Numbers:
        register = None if r.energia_wh is None else _rounded(r.energia_wh / 1000, _WATT_HOURS)
        return [register, r.dt, *(getattr(r, name) for name in names)]

    return numbers


def bin_numbers(magnitudes: Sequence[Magnitude]) -> Callable[[Consumption], Numbers]:
    """What makes the numbers of a bin; its moment is when it begins."""
    names = [m.name for m in magnitudes]

    def numbers(b: Consumption) -> Numbers:
        energy, estimated = max(0.0, b.energy_wh) / 1000, b.estimated_wh / 1000
        found: Numbers = [_rounded(energy, _WATT_HOURS), _rounded(estimated, _WATT_HOURS), b.summary.covered_s]
        for name in names:
            found += _three(b.summary.magnitudes.get(name))
        return found

    return numbers


def _three(stat: Stat | None) -> Sequence[float | None]:
    if stat is None:
        return _NOTHING
    mean = stat.mean
    return (None if mean is None else _rounded(mean, _TENTH_THOUSANDTHS), stat.min, stat.max)


def _rounded(value: float, steps: float) -> float:
    """To the nearest of so many steps of one; ``round`` takes four times as long, and a file has millions."""
    return floor(value * steps + 0.5) / steps
