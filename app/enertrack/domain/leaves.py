"""Rounds of the original's boards: seven leaves with one ASCII number each become one reading."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from enertrack.domain.decode import Amperes, EnergyWh, Hertz, PowerFactor, PowerW, Volts
from enertrack.domain.reading import Reading

ROUND_S: Final = 5
DT_S: Final = 120
"""How often the original's boards publish."""

_NUMBER: Final = re.compile(rb"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_MAX_BYTES: Final = 32


class _Leaf(msgspec.Struct, frozen=True):
    field: str
    kind: object
    factor: float = 1.0


_WindowWh = Annotated[float, Meta(ge=0, le=1e6 * DT_S / 3600)]
"""The energy of ``DT_S`` seconds at the largest power that a reading may have."""

_LEAVES: Final = {
    "tension": _Leaf("tension", Volts),
    "corriente": _Leaf("corriente", Amperes),
    "fp": _Leaf("fp", PowerFactor),
    "frecuencia": _Leaf("frecuencia", Hertz),
    "potencia_prom": _Leaf("potencia", PowerW),
    "consumo": _Leaf("consumo_wh", _WindowWh, 1000.0),
    "energy_raw": _Leaf("energia_wh", EnergyWh, 1000.0),
}
LEAVES: Final = frozenset(_LEAVES)
"""The last parts of the topics of one round."""


class Round(msgspec.Struct, frozen=True, gc=False):
    """Leaves heard since ``opened`` (Unix seconds), by the name of the reading's field, in its unit."""

    opened: float
    values: Mapping[str, float]


def add(
    current: Round | None, leaf: str, payload: bytes, now: float
) -> tuple[Round | None, Reading | None, str | None]:
    """The round after one of ``LEAVES``, the reading of a round that this ended, and why it was refused.

    A round ends when a leaf repeats or ``ROUND_S`` seconds after it opened; a refused leaf
    (``tipo_`` or ``rango_`` with its name) neither opens a round nor counts as a repeat.
    """
    finished = None
    if current and now - current.opened >= ROUND_S:
        finished, current = close(current), None
    value = _value(leaf, payload)
    if isinstance(value, str):
        return current, finished, value
    field = _LEAVES[leaf].field
    if current and field in current.values:
        finished, current = close(current), None
    opened, values = (current.opened, current.values) if current else (now, {})
    return Round(opened, {**values, field: value}), finished, None


def _value(leaf: str, payload: bytes) -> float | str:
    """The leaf's number in the unit of the reading's field, or why there is none."""
    if len(payload) > _MAX_BYTES or not _NUMBER.fullmatch(payload):
        return f"tipo_{leaf}"
    known = _LEAVES[leaf]
    try:
        return msgspec.convert(float(payload) * known.factor, known.kind)  # type: ignore[no-any-return]
    except msgspec.ValidationError:
        return f"rango_{leaf}"


def close(current: Round) -> Reading:
    """The reading of a round; energy is the register, or the window's consumption where there is none."""
    values = dict(current.values)
    if "energia_wh" in values:
        values.pop("consumo_wh", None)
    return msgspec.convert({"t": int(current.opened), "dt": DT_S, **values}, Reading)
