"""The newest values of a meter, after each message that it sends."""

from typing import Final

import msgspec

from enertrack.domain import leaves
from enertrack.domain.decode import UNREADABLE, Amperes, Limits, PowerW, Refusal, Volts, decode
from enertrack.domain.reading import Reading
from enertrack.stores.broker import topics

V1: Final = ("tension", "corriente", "fp", "frecuencia", "potencia_prom")
"""What boards of the original send that a page shows; each is a message of its own."""


class Values(msgspec.Struct, frozen=True, omit_defaults=True):
    """Newest known values of a meter: ``t`` is their second, ``leida`` that of the newest whole reading."""

    t: int = 0
    leida: int = 0
    potencia: float | None = None
    tension: float | None = None
    corriente: float | None = None
    fp: float | None = None
    frecuencia: float | None = None


class Status(msgspec.Struct, frozen=True):
    """What a meter, or its last will, says of its connection."""

    en_linea: bool


class _Fast(msgspec.Struct, frozen=True):
    """What a meter sends every 2 s while asked."""

    p: PowerW
    u: Volts | None = None
    i: Amperes | None = None


_FAST: Final = msgspec.json.Decoder(_Fast)
_STATUS: Final = msgspec.json.Decoder(Status)


def status(payload: bytes) -> Status | None:
    """What ``estado`` says, None where it makes no sense."""
    try:
        return _STATUS.decode(payload)
    except UNREADABLE:
        return None


def heard(known: Values | None, topic: topics.MeterTopic, payload: bytes, now: int, limits: Limits) -> Values | None:
    """The values after a message heard at ``now`` (Unix seconds), None where it says nothing new."""
    if topic.kind == topics.VIVO:
        return _fast(known, payload, now)
    if topic.kind in V1:
        return _leaf(known, topic, payload, now)
    batches = decode(payload, now, limits)
    if isinstance(batches, Refusal):
        return None
    newest = max((r for b in batches for r in b.readings), key=lambda r: r.t, default=None)
    if newest is None or (known is not None and newest.t <= known.leida):
        return None
    return after(known, newest)


def _fast(known: Values | None, payload: bytes, now: int) -> Values | None:
    try:
        fast = _FAST.decode(payload)
    except UNREADABLE:
        return None
    return msgspec.structs.replace(known or Values(), t=now, potencia=fast.p, tension=fast.u, corriente=fast.i)


def _leaf(known: Values | None, topic: topics.MeterTopic, payload: bytes, now: int) -> Values | None:
    if len(topic.esp_id) != topics.V1_ID_LENGTH:
        return None
    found, _, _ = leaves.add(None, topic.kind, payload, now)
    return msgspec.structs.replace(known or Values(), t=now, leida=now, **found.values) if found else None


def seen_since(values: Values, since: int) -> Values | None:
    """What of them was measured after the second ``since``, None where nothing was."""
    if values.t <= since:
        return None
    if values.leida > since:
        return values
    return msgspec.structs.replace(values, leida=0, fp=None, frecuencia=None)  # fast values do not have these


def after(known: Values | None, reading: Reading) -> Values:
    """Values once ``reading`` is known too; fast values may be newer than it."""
    if known is not None and reading.t <= known.leida:
        return known
    if known is not None and reading.t < known.t:
        return msgspec.structs.replace(known, leida=reading.t, fp=reading.fp, frecuencia=reading.frecuencia)
    return Values(
        t=reading.t,
        leida=reading.t,
        potencia=reading.potencia,
        tension=reading.tension,
        corriente=reading.corriente,
        fp=reading.fp,
        frecuencia=reading.frecuencia,
    )
