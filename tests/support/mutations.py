"""Spoilt payloads and topics, the same for the same seed."""

import random
from collections.abc import Callable, Iterator
from typing import Final

from tests.support.flood import Message, reading

BOARD: Final = "A0B76500"
"""The board of the original that some of the leaves name."""
HOSTILE: Final = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"-0", b"null", b"true", b'""', b'"12"', b"[]",
    b"{}", b"99999999999999999999999", b"-1", b"4294967296", b"1.5", b'"\\ud800"', b'"\\u0000\\r\\nERROR falso=1"',
    b"9" * 310, b"-" + b"9" * 5_000, b"0x10", b"1_0", b"01", b"1e99999999999", "\N{FULLWIDTH DIGIT ONE}".encode(),
)  # fmt: skip
KEYS: Final = (b"t", b"anillo", b"seq", b"dt", b"e", b"p", b"px", b"u", b"i", b"fp", b"f", b"q")
ODD_KEYS: Final = (
    b'"\\ud800"', b'"\\udfff\\ud800"', b'"\\u0074"', b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', '"ñ\u202e"'.encode(),
    b'"' + b"k" * 9_000 + b'"', b"t", b"1", b"null", b'"\x1b[31m"', b'"\n"',
)  # fmt: skip
NUMBER: Final = b"0.5"
"""A number that every leaf allows; none of ``NO_NUMBERS`` is one for any."""
NO_NUMBERS: Final = (
    b"", b" ", b"nan", b"-inf", b"1e400", b"-1e400", b"9" * 33, b"9" * 16_000, b"1e99", b"0,5", b"0.5 V", b"0x1p3",
    b"1_0", b"--1", b".", b"0.5\x00", b"0.5\r\nERROR falso=1", b"\xff\xfe", b"[0.5]", b'"0.5"', b"\x1b[31m",
    "\N{ARABIC-INDIC DIGIT FIVE}".encode(),
)  # fmt: skip
LEAVES: Final = tuple(
    f"enertrack/{esp_id}/{leaf}".encode()
    for esp_id in (BOARD, BOARD, BOARD, "A0B765000000", "FFFFFFFF", "a0b76500", "\u202e", "")
    for leaf in ("tension", "corriente", "fp", "frecuencia", "potencia_prom", "consumo", "energy_raw")
)
NO_STATES: Final = (
    b"", b"\xff", b"null", b"[]", b"true", b'{"en_linea":1}', b'{"en_linea":true,"rssi":1e400}', b'{"en_linea":NaN}',
    b'{"en_linea":true,"rssi":' + b"9" * 400 + b"}", b'{"en_linea":true,"fw":"\\u0000\\r\\nERROR falso=1"}',
    b'{"en_linea":true,"fw":"\\ud800"}', b'{"en_linea":true,"fw":"' + b"1" * 33 + b'"}', b'{"fw":"1.4.0"}',
    b'{"en_linea":true,"x":' + b"[" * 7_000 + b"]" * 7_000 + b"}", b'{"en_linea":true,"fw":"\x1b[31m"}',
)  # fmt: skip
NO_ACKS: Final = (
    b"", b"\xff", b"7", b"[]", b'{"t":1}', b'{"t":[1]}', b'{"t":[1,2,3]}', b'{"t":[1e400,2]}', b'{"t":[NaN,2]}',
    b'{"t":[-1,2]}', b'{"t":[1,1000000000000000000]}', b'{"t":[' + b"9" * 400 + b",2]}", b'{"t":["1","2"]}',
    b'{"x":' + b"[" * 7_000 + b"]" * 7_000 + b',"t":[1,2]}', b'{"x":"\\ud800","t":[1,2]}',
)  # fmt: skip
WELL_FORMED: Final = (
    b"enertrack//medicion", b"enertrack/x/medicion", b"enertrack/a0b765000000/medicion", b"enertrack/A0B765000000",
    b"enertrack/A0B765000000/medicion/x", b"enertrack/FFFFFFFFFFFF/medicion", b"enertrack/ /medicion",
    b"enertrack/" + b"A" * 300 + b"/medicion", "enertrack/ñandú\u202e\u2028\ufeff/medicion".encode(),
    b"enertrack/A0B765000000 /medicion", b"enertrack/$SYS/medicion", b"enertrack/../medicion", b"/", b"enertrack",
)  # fmt: skip
ILL_FORMED: Final = (
    b"", b"enertrack/A0B765000000\n/medicion", b"enertrack/\x1b[31m/medicion", b"enertrack/\x00/medicion",
    b"enertrack/\xff\xfe/medicion", b"enertrack/\xc0\xaf/medicion", b"enertrack/\xed\xa0\x80/medicion",
    b"enertrack/+/medicion", b"enertrack/#", b"enertrack/\xf8\x88\x80\x80\x80/medicion", b"enertrack/\x7f/medicion",
    "enertrack/\x85/medicion".encode(), b"enertrack/A0B765000000/medicion\xf0\x9f",
)  # fmt: skip
"""Topics that MQTT forbids (3.1.1, 1.5.3 and 4.7.1.1): a broker ends the connection that they come by."""


def mutated(n: int, esp_id: str, now: int, seed: int = 1) -> Iterator[Message]:
    """``n`` messages on well-formed topics: readings of ``esp_id`` that were spoilt, leaves, states and acks."""
    rng = random.Random(seed)
    ways: tuple[Callable[[random.Random, Message, int], Message], ...] = (
        _value, _value, _bytes, _cut, _deep, _long, _time, _array, _topic, _splice, _key, _encoding, _leaf, _said,
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
    depth = rng.choice((10, 100, 1_000, 2_000, 7_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"t":', b"}")))
    nest = (opening * depth + m.payload + closing * depth)[:16_000]
    return Message(m.topic, rng.choice((nest, m.payload[:-1] + b',"x":' + nest + b"}")))


def _long(rng: random.Random, m: Message, _now: int) -> Message:
    size = rng.choice((16_383, 16_384, 16_385, 20_000)) if rng.random() < 0.1 else 500 + len(m.payload)
    filler = bytes([rng.randrange(32, 127)]) * (size - len(m.payload) - len(b',"x":""'))
    return Message(m.topic, m.payload[:-1] + b',"x":"' + filler + b'"}')


def _time(rng: random.Random, m: Message, now: int) -> Message:
    t = now + rng.choice((900, 3_600, 10**9, -401 * 86_400, -now, -(10**12), 10**18, 2**63, -(2**64)))
    return Message(m.topic, m.payload.replace(b'"t":' + m.payload[5 : m.payload.find(b",")], b'"t":%d' % t))


def _array(rng: random.Random, m: Message, _now: int) -> Message:
    items = [m.payload] * rng.choice((0, 2, 5, 5, 5, 5, 100, 101))
    if items:
        items[rng.randrange(len(items))] = rng.choice(HOSTILE)
    return Message(m.topic, b"[" + b",".join(items) + b"]")


def _topic(rng: random.Random, m: Message, _now: int) -> Message:
    return Message(rng.choice(WELL_FORMED), rng.choice((m.payload, NUMBER, b"nan", b"\xff\xfe", b"")))


def _splice(rng: random.Random, m: Message, _now: int) -> Message:
    at = rng.randrange(len(m.payload))
    return Message(m.topic, m.payload[:at] + rng.choice(HOSTILE) + m.payload[at:])


def _key(rng: random.Random, m: Message, _now: int) -> Message:
    """A key twice, or one that no meter would send."""
    key = rng.choice((*ODD_KEYS, *(b'"' + k + b'"' for k in KEYS)))
    return Message(m.topic, m.payload[:-1] + b"," + key + b":" + rng.choice(HOSTILE) + b"}")


def _encoding(rng: random.Random, m: Message, _now: int) -> Message:
    text = m.payload.decode()
    ways = [text.encode(name) for name in ("utf-16", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp500")]
    return Message(
        m.topic, rng.choice((*ways, b"", b" \r\n\t", b"\x00", text.replace("{", '{"ñ\xff":1,').encode("latin1")))
    )


def _leaf(rng: random.Random, _m: Message, _now: int) -> Message:
    return Message(rng.choice(LEAVES), rng.choice((NUMBER, *NO_NUMBERS)))


def _said(rng: random.Random, _m: Message, _now: int) -> Message:
    kind, payloads = rng.choice(((b"estado", NO_STATES), (b"ack", NO_ACKS)))
    esp_id = rng.choice((b"A0B765000000", BOARD.encode(), b"FFFFFFFFFFFF", b"x"))
    return Message(b"enertrack/" + esp_id + b"/" + kind, rng.choice(payloads))
