"""Spoilt payloads and topics, the same for the same seed."""

import random
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.flood import Message, reading

HOSTILE: Final = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"-0", b"null", b"true", b'""', b'"12"', b"[]",
    b"{}", b"99999999999999999999999", b"-1", b"4294967296", b"1.5", b'"\\ud800"', b'"\\u0000\\r\\nERROR falso=1"',
)  # fmt: skip
KEYS: Final = (b"t", b"anillo", b"seq", b"dt", b"e", b"p", b"px", b"u", b"i", b"fp", b"f", b"q")
TOPICS: Final = (
    b"enertrack//medicion", b"enertrack/x/medicion", b"enertrack/A0B765000000", b"enertrack/a0b765000000/medicion",
    b"enertrack/A0B765000000/medicion/x", b"enertrack/A0B765000000/tension", b"enertrack/A0B76500/tension",
    b"enertrack/A0B76500/energy_raw", b"enertrack/A0B76500/consumo", b"enertrack/A0B765000000/estado",
    b"enertrack/A0B765000000/ack", "enertrack/ñandú\x1b[31m/medicion".encode(), b"enertrack/A0B765000000\n/medicion",
    b"enertrack/FFFFFFFFFFFF/medicion", b"enertrack/" + b"A" * 300 + b"/medicion",
)  # fmt: skip


def mutated(n: int, esp_id: str, now: int, seed: int = 1) -> Iterator[Message]:
    """``n`` messages that begin as valid readings of ``esp_id`` and are then spoilt."""
    rng = random.Random(seed)
    ways: tuple[Callable[[random.Random, Message, int], Message], ...] = (
        _value, _bytes, _cut, _deep, _long, _time, _array, _topic, _splice,
    )  # fmt: skip
    for i in range(n):
        good = reading(esp_id, i + 1, now - rng.randrange(86_400))
        yield rng.choice(ways)(rng, good, now)


def _value(rng: random.Random, m: Message, _now: int) -> Message:
    key = rng.choice(KEYS)
    head, _, tail = m.payload.partition(b'"' + key + b'":')
    rest = tail[min(i for i in (tail.find(b","), tail.find(b"}")) if i >= 0) :]
    return Message(m.topic, head + b'"' + key + b'":' + rng.choice(HOSTILE) + rest)


def _bytes(rng: random.Random, m: Message, _now: int) -> Message:
    spoilt = bytearray(m.payload)
    for _ in range(rng.randrange(1, 6)):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return Message(m.topic, bytes(spoilt))


def _cut(rng: random.Random, m: Message, _now: int) -> Message:
    return Message(m.topic, m.payload[: rng.randrange(len(m.payload))])


def _deep(rng: random.Random, m: Message, _now: int) -> Message:
    depth = rng.choice((10, 100, 1_000, 7_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"t":', b"}")))
    return Message(m.topic, (opening * depth + m.payload + closing * depth)[:16_000])


def _long(rng: random.Random, m: Message, _now: int) -> Message:
    size = rng.choice((16_383, 16_384, 16_385, 20_000)) if rng.random() < 0.05 else 500
    return Message(m.topic, m.payload[:-1] + b',"x":"' + bytes([rng.randrange(32, 127)]) * size + b'"}')


def _time(rng: random.Random, m: Message, now: int) -> Message:
    t = now + rng.choice((601, 3_600, 10**9, -401 * 86_400, -now, -(10**12), 10**18))
    return Message(m.topic, reading("A", 1, t).payload)


def _array(rng: random.Random, m: Message, _now: int) -> Message:
    items = [m.payload] * rng.choice((0, 2, 5, 101))
    if items:
        items[rng.randrange(len(items))] = rng.choice(HOSTILE)
    return Message(m.topic, b"[" + b",".join(items) + b"]")


def _topic(rng: random.Random, m: Message, _now: int) -> Message:
    return Message(rng.choice(TOPICS), rng.choice((m.payload, b"230.1", b"nan", b"\xff\xfe", b"")))


def _splice(rng: random.Random, m: Message, _now: int) -> Message:
    at = rng.randrange(len(m.payload))
    return Message(m.topic, m.payload[:at] + rng.choice(HOSTILE) + m.payload[at:])
