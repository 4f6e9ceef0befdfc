"""What a meter sent on ``medicion``: readings, or why there are none.

The limits stand once, in the types of ``Item``: one msgspec decode checks a good message whole, and
only a message that it refuses is read again, item by item, to name what is wrong.
"""

import json
import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from enertrack.domain.reading import Reading

MAX_ITEMS: Final = 100

MAX_DEPTH: Final = 500
"""Of a message that is read again: deeper, ``json`` leaves no stack to what the collector runs meanwhile."""

Counter: TypeAlias = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Span: TypeAlias = Annotated[int, Meta(ge=0, le=86_400)]
EnergyWh: TypeAlias = Annotated[float, Meta(ge=0, le=1e10)]
PowerW: TypeAlias = Annotated[float, Meta(ge=-1e6, le=1e6)]
Volts: TypeAlias = Annotated[float, Meta(ge=0, le=500)]
Amperes: TypeAlias = Annotated[float, Meta(ge=0, le=1000)]
PowerFactor: TypeAlias = Annotated[float, Meta(ge=-1, le=1)]
Hertz: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Quality: TypeAlias = Annotated[int, Meta(ge=0, le=3)]

_KEYS: Final = {
    "hora": "t",
    "energia": "e",
    "potencia": "p",
    "potencia_max": "px",
    "tension": "u",
    "corriente": "i",
    "frecuencia": "f",
    "calidad": "q",
}


class Item(msgspec.Struct, frozen=True, gc=False, rename=_KEYS):
    """One reading as it travels; the field names are those of the reasons."""

    hora: int | None
    anillo: Counter
    seq: Counter
    dt: Span
    energia: EnergyWh | None = None
    potencia: PowerW | None = None
    potencia_max: PowerW | None = None
    tension: Volts | None = None
    corriente: Amperes | None = None
    fp: PowerFactor | None = None
    frecuencia: Hertz | None = None
    calidad: Quality = 0


class Limits(msgspec.Struct, frozen=True):
    """How old (0: no limit) and how far ahead a reading may be, and the largest payload."""

    max_age_s: int
    max_ahead_s: int = 600
    max_bytes: int = 16_384


class Batch(msgspec.Struct, frozen=True, gc=False):
    """What one message holds of the ring ``anillo``: its ``seq`` go from ``de`` to ``a``.

    ``rejected`` counts items that will never be stored, by reason, and ``undated`` those without a
    time; both are confirmed to the meter as well as the ``readings`` once these are stored.
    """

    anillo: int
    de: int
    a: int
    readings: tuple[Reading, ...]
    rejected: dict[str, int]
    undated: int


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A message of which nothing can be taken nor confirmed, and the reason."""

    reason: str


class _Fault(msgspec.Struct, frozen=True, gc=False):
    reason: str
    anillo: int | None = None
    seq: int | None = None


_MESSAGE: Final = msgspec.json.Decoder(Item | Annotated[list[Item], Meta(min_length=1, max_length=MAX_ITEMS)])

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_STEPS: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not what was asked for."""

_UNFIT: Final = (msgspec.ValidationError, UnicodeEncodeError)
"""What ``msgspec.convert`` raises; the second for a lone surrogate, which JSON can spell."""


def decode(payload: bytes, now: int, limits: Limits) -> list[Batch] | Refusal:
    """The batches of a message heard at ``now`` (Unix seconds), one for each ring, in order of appearance.

    Reasons of a refusal: ``tamano``, ``utf8``, ``json``, ``cantidad``, or that of the first item where
    no item names its ring and number. Reasons of an item: ``pasado``, ``futuro``, ``utf8``, ``tipo``,
    and ``falta_``, ``tipo_`` or ``rango_`` with the name of a field. An item without ring and number
    is counted with the first batch: a meter's message is one run of numbers. The time ``null`` is no
    fault. Never raises.
    """
    if len(payload) > limits.max_bytes:
        return Refusal("tamano")
    if not payload.isascii():  # msgspec does not look into the keys that it skips
        return _decode_slowly(payload, now, limits)
    try:
        found = _MESSAGE.decode(payload)
    except UNREADABLE:
        return _decode_slowly(payload, now, limits)
    return _batches(found if isinstance(found, list) else (found,), now, limits)


def _decode_slowly(payload: bytes, now: int, limits: Limits) -> list[Batch] | Refusal:
    if _depth(payload) > MAX_DEPTH:
        return Refusal("json")
    try:
        found = json.loads(payload.decode(), parse_constant=str)
    except UnicodeDecodeError:
        return Refusal("utf8")
    except ValueError:
        return Refusal("json")
    items = found if isinstance(found, list) else [found]
    if not 0 < len(items) <= MAX_ITEMS:
        return Refusal("cantidad")
    return _batches([_item(i) for i in items], now, limits)


def _depth(payload: bytes) -> int:
    """How many arrays and objects stand in each other at most; of what is no JSON, no fewer than up to its fault."""
    return max(accumulate(_STEPS.get(byte, 0) for byte in _STRING.sub(b"", payload)), default=0)


def _item(found: object) -> Item | _Fault:
    if not isinstance(found, dict):
        return _Fault("tipo")
    try:
        return msgspec.convert(found, Item)
    except _UNFIT:
        faults = {f.name: reason for f in msgspec.structs.fields(Item) if (reason := _reason(f, found))}
        reason = next(iter(faults.values()), "utf8")
        named = not {"anillo", "seq"} & faults.keys()
        return _Fault(reason, found["anillo"], found["seq"]) if named else _Fault(reason)


def _reason(field: msgspec.structs.FieldInfo, found: dict[str, object]) -> str | None:
    if field.encode_name not in found:
        return f"falta_{field.name}" if field.required else None
    value = found[field.encode_name]
    try:
        msgspec.convert(value, field.type)
    except _UNFIT:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{'rango' if number else 'tipo'}_{field.name}"
    return None


class _Draft(msgspec.Struct):
    de: int
    a: int
    readings: list[Reading]
    rejected: dict[str, int]
    undated: int = 0

    def reject(self, reason: str) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + 1


def _batches(items: Iterable[Item | _Fault], now: int, limits: Limits) -> list[Batch] | Refusal:
    oldest = max(0, now - limits.max_age_s) if limits.max_age_s else 0
    newest = now + limits.max_ahead_s
    drafts: dict[int, _Draft] = {}
    homeless = []
    for item in items:
        if item.anillo is None or item.seq is None:
            homeless.append(item.reason)
            continue
        draft = drafts.get(item.anillo)
        if draft is None:
            draft = drafts[item.anillo] = _Draft(item.seq, item.seq, [], {})
        else:
            draft.de, draft.a = min(draft.de, item.seq), max(draft.a, item.seq)
        _add(draft, item, oldest, newest)
    if not drafts:
        return Refusal(homeless[0])
    for reason in homeless:
        next(iter(drafts.values())).reject(reason)
    return [Batch(ring, d.de, d.a, tuple(d.readings), d.rejected, d.undated) for ring, d in drafts.items()]


def _add(draft: _Draft, item: Item | _Fault, oldest: int, newest: int) -> None:
    if isinstance(item, _Fault):
        draft.reject(item.reason)
    elif item.hora is None:
        draft.undated += 1
    elif item.hora < oldest:
        draft.reject("pasado")
    elif item.hora > newest:
        draft.reject("futuro")
    else:
        draft.readings.append(_reading(item, item.hora))


def _reading(item: Item, t: int) -> Reading:
    return Reading(
        t=t,
        dt=item.dt,
        seq=item.seq,
        energia_wh=item.energia,
        potencia=item.potencia,
        potencia_max=item.potencia_max,
        tension=item.tension,
        corriente=item.corriente,
        fp=item.fp,
        frecuencia=item.frecuencia,
        calidad=item.calidad,
    )
