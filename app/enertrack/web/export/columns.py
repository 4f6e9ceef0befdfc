"""The columns of a file and the values under them; their names are Spanish for every reader, as programs read them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from enertrack.domain.reading import Reading
from enertrack.domain.summary import Consumption, Stat
from enertrack.stores.nodes import Node
from enertrack.web.magnitudes import POWER, Magnitude

Value: TypeAlias = datetime | str | float | None
Row: TypeAlias = list[Value]
"""A moment of the place, texts, then numbers."""

TITLES: Final = {
    "potencia": "Potencia",
    "tension": "Tensión",
    "corriente": "Corriente",
    "fp": "Factor de potencia",
    "frecuencia": "Frecuencia",
}
_WHEN: Final = ["Momento (hora local)", "Momento (segundos UTC)", "Medidor", "Placa"]
_NOTHING: Final = [None, None, None]
_WATT_HOURS: Final = 6
_DECIMALS: Final = 4


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


def reading_row(node: Node, zone: ZoneInfo, magnitudes: Sequence[Magnitude]) -> Callable[[Reading], Row]:
    """What makes a row of a reading; its moment is the end of what it covers."""
    names = [m.name for m in magnitudes] + (["potencia_max"] if POWER in magnitudes else [])

    def row(r: Reading) -> Row:
        values = [getattr(r, name) for name in names]
        register = None if r.energia_wh is None else round(r.energia_wh / 1000, _WATT_HOURS)
        return [datetime.fromtimestamp(r.t, zone), r.t, node.nombre, node.esp_id, register, r.dt, *values]

    return row


def bin_row(node: Node, zone: ZoneInfo, magnitudes: Sequence[Magnitude]) -> Callable[[Consumption], Row]:
    """What makes a row of a bin; its moment is when it begins."""
    names = [m.name for m in magnitudes]

    def row(b: Consumption) -> Row:
        found = b.summary.magnitudes
        values: Row = []
        for name in names:
            values += _three(found.get(name))
        energy, estimated = round(max(0.0, b.energy_wh) / 1000, _WATT_HOURS), round(b.estimated_wh / 1000, _WATT_HOURS)
        when = datetime.fromtimestamp(b.start, zone)
        return [when, b.start, node.nombre, node.esp_id, energy, estimated, b.summary.covered_s, *values]

    return row


def _three(stat: Stat | None) -> Sequence[float | None]:
    return (_rounded(stat.mean), stat.min, stat.max) if stat else _NOTHING


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
