"""Whatever bytes arrive become readings or a counted reason."""

import gc
import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.decode import MAX_ITEMS, Batch, Limits, Refusal, decode
from enertrack.domain.reading import Reading

NOW = 1_790_000_000
DAY = 86_400
LIMITS = Limits(max_age_s=400 * DAY)
FULL = {
    "t": NOW - 60, "anillo": 7, "seq": 41, "dt": 60, "e": 123456, "p": 512.5, "px": 800.0, "u": 229.75, "i": 2.25,
    "fp": 0.97, "f": 50.0, "q": 2,
}  # fmt: skip
FIELDS = {
    "t": "t", "seq": "seq", "dt": "dt", "e": "energia_wh", "p": "potencia", "px": "potencia_max", "u": "tension",
    "i": "corriente", "fp": "fp", "f": "frecuencia", "q": "calidad",
}  # fmt: skip
REASON = re.compile(r"tamano|utf8|json|cantidad|pasado|futuro|tipo|(falta|tipo|rango)_[a-z_]+")


def batches(payload: bytes, limits: Limits = LIMITS) -> list[Batch]:
    found = decode(payload, NOW, limits)
    assert isinstance(found, list)
    return found


def one(message: object, limits: Limits = LIMITS) -> Batch:
    (batch,) = batches(json.dumps(message).encode(), limits)
    return batch


def item(**changes: object) -> dict[str, Any]:
    return {**FULL, **changes}


def test_a_full_reading() -> None:
    reading = Reading(
        t=NOW - 60,
        dt=60,
        seq=41,
        energia_wh=123456.0,
        potencia=512.5,
        potencia_max=800.0,
        tension=229.75,
        corriente=2.25,
        fp=0.97,
        frecuencia=50.0,
        calidad=2,
    )
    assert one(FULL) == Batch(7, 41, 41, (reading,), {}, 0)


@pytest.mark.parametrize("key", ["e", "p", "px", "u", "i", "fp", "f"])
def test_a_magnitude_may_be_null_or_absent(key: str) -> None:
    without = {k: v for k, v in FULL.items() if k != key}
    (reading,) = one(without).readings
    assert getattr(reading, FIELDS[key]) is None
    assert one(item(**{key: None})).readings == (reading,)


def test_unknown_keys_are_for_later_versions() -> None:
    assert one(item(nuevo={"a": [1]})) == one(item(año="ñandú")) == one(FULL)


def test_a_reading_without_a_time_is_confirmed_and_counted_but_not_stored() -> None:
    assert one([item(t=None, seq=40), FULL]) == Batch(7, 40, 41, one(FULL).readings, {}, 1)


def test_rings_are_batches_of_their_own() -> None:
    first, second = batches(json.dumps([item(seq=9), item(anillo=8, seq=1), item(seq=10)]).encode())
    assert (first.anillo, first.de, first.a, len(first.readings)) == (7, 9, 10, 2)
    assert (second.anillo, second.de, second.a, len(second.readings)) == (8, 1, 1, 1)


LIMITED: list[tuple[str, Any, str]] = [
    *[("u", v, "rango_tension") for v in (-0.1, 500.1, 1e300)],
    *[("i", v, "rango_corriente") for v in (-0.1, 1000.1)],
    *[("p", v, "rango_potencia") for v in (-1_000_001, 1_000_001)],
    *[("px", v, "rango_potencia_max") for v in (-1_000_001, 1_000_001)],
    *[("fp", v, "rango_fp") for v in (-1.01, 1.01)],
    *[("f", v, "rango_frecuencia") for v in (-0.1, 100.1)],
    *[("e", v, "rango_energia") for v in (-1, 10_000_000_001, 10**400)],
    *[("dt", v, "rango_dt") for v in (-1, 86_401, 60.5)],
    *[("q", v, "rango_calidad") for v in (-1, 4)],
    ("q", None, "tipo_calidad"),
    ("t", NOW + 601, "futuro"),
    ("t", 10**30, "futuro"),
    ("t", NOW - 400 * DAY - 1, "pasado"),
    ("t", -1, "pasado"),
    ("t", 1.5, "rango_hora"),
    ("t", "2026-01-01", "tipo_hora"),
    *[(key, v, f"tipo_{name}") for key, name in (("u", "tension"), ("e", "energia")) for v in ("1", True, [1])],
    ("u", float("nan"), "tipo_tension"),
    ("u", float("inf"), "tipo_tension"),
    ("u", float("-inf"), "tipo_tension"),
    ("u", "\ud800", "tipo_tension"),
    ("\ud800", 1, "utf8"),
]


@pytest.mark.parametrize(("key", "value", "reason"), LIMITED)
def test_what_is_out_of_its_limits_is_confirmed_but_never_stored(key: str, value: object, reason: str) -> None:
    assert one(item(**{key: value})) == Batch(7, 41, 41, (), {reason: 1}, 0)
    assert one([FULL, item(**{key: value, "seq": 42})]) == Batch(7, 41, 42, one(FULL).readings, {reason: 1}, 0)


ALLOWED = [
    ("u", 0, 500), ("i", 0, 1000), ("p", -1_000_000, 1_000_000), ("px", -1_000_000, 1_000_000), ("fp", -1, 1),
    ("f", 0, 100), ("e", 0, 10_000_000_000), ("dt", 0, 86_400), ("q", 0, 3), ("seq", 0, 2**32 - 1),
    ("t", NOW - 400 * DAY, NOW + 600),
]  # fmt: skip


@pytest.mark.parametrize(("key", "low", "high"), ALLOWED)
def test_the_limits_themselves_are_allowed(key: str, low: int, high: int) -> None:
    found = one([item(**{key: low}), item(**{key: high})])
    assert [getattr(r, FIELDS[key]) for r in found.readings] == [low, high]


def test_1e400_is_out_of_range() -> None:
    payload = json.dumps(FULL).replace("229.75", "1e400").encode()
    assert batches(payload)[0].rejected == {"rango_tension": 1}


@pytest.mark.parametrize("key", ["t", "dt"])
def test_a_reading_needs_its_time_and_span(key: str) -> None:
    without = {k: v for k, v in FULL.items() if k != key}
    assert one(without).rejected == {f"falta_{'hora' if key == 't' else key}": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"anillo": None}, "tipo_anillo"),
        ({"anillo": 2**32}, "rango_anillo"),
        ({"seq": -1}, "rango_seq"),
        ({"seq": 1.5}, "rango_seq"),
        ({"seq": True}, "tipo_seq"),
    ],
)
def test_what_does_not_name_its_ring_and_number_cannot_be_confirmed(changes: dict[str, Any], reason: str) -> None:
    assert decode(json.dumps(item(**changes)).encode(), NOW, LIMITS) == Refusal(reason)
    assert one([item(**changes), FULL]) == Batch(7, 41, 41, one(FULL).readings, {reason: 1}, 0)


def test_any_age_is_allowed_where_there_is_no_limit() -> None:
    (reading,) = one(item(t=1_170_000_000), Limits(max_age_s=0)).readings
    assert reading.t == 1_170_000_000
    assert one(item(t=-1), Limits(max_age_s=0)).rejected == {"pasado": 1}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "json"),
        (b"nada", "json"),
        (b'{"t":', "json"),
        (b"[" * 16_000, "json"),
        (b'{"a":' * 3_000, "json"),
        (b'{"x":' + b"9" * 5_000 + b"}", "json"),
        (b'{"x":"\xff"}', "utf8"),
        (json.dumps(item(x=1)).encode().replace(b'"x"', b'"\xff"'), "utf8"),
        ("{}".encode("utf-16"), "utf8"),
        (b"\xef\xbb\xbf{}", "json"),
        (b"[]", "cantidad"),
        (b"3", "tipo"),
        (b"null", "tipo"),
        (b"NaN", "tipo"),
        (b'["a"]', "tipo"),
        (b"{}", "falta_hora"),
        (b" " * 16_385, "tamano"),
    ],
)
def test_what_is_no_message_is_refused_whole(payload: bytes, reason: str) -> None:
    assert decode(payload, NOW, LIMITS) == Refusal(reason)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_leaves_stack_to_what_the_collector_runs(opening: bytes) -> None:
    before, ran, ran_short = gc.get_threshold(), 0, 0

    def descend(frames: int) -> None:
        if frames:
            descend(frames - 1)

    def finalize(_phase: str, _info: object) -> None:
        nonlocal ran, ran_short
        ran += 1
        try:
            descend(200)
        except RecursionError:
            ran_short += 1

    gc.callbacks.append(finalize)
    gc.set_threshold(1)
    try:
        for depth in (400, 800, 3_000):
            decode(opening * depth + b"1", NOW, LIMITS)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(finalize)
    assert ran
    assert not ran_short


def test_many_brackets_are_not_depth() -> None:
    """What a meter of tomorrow says besides does not keep one bad reading from being confirmed."""
    more = [item(seq=n, t=NOW - 60 * n, e=None, mas={"a": [[], "[" * 9, {}]}) for n in range(40)]
    more[7]["u"] = 501
    more[8]["mas"] = {"texto": '\\"[' * 600}
    (batch,) = batches(json.dumps(more).encode(), Limits(LIMITS.max_age_s, max_bytes=20_000))
    assert (len(batch.readings), batch.rejected) == (39, {"rango_tension": 1})


@pytest.mark.parametrize("quoting", ['"', '\\"', '\\\\"', '"\\', '"]'])
def test_quotes_hide_no_depth(quoting: str) -> None:
    hidden = ("[" + json.dumps(quoting) + ",") * 900
    assert decode(hidden.encode(), NOW, LIMITS) == Refusal("json")
    assert decode(f'{{"t":{hidden}'.encode(), NOW, LIMITS) == Refusal("json")


def test_a_hundred_readings_fit_and_no_more() -> None:
    hundred = [item(seq=n, t=NOW - 60 * n) for n in range(MAX_ITEMS)]
    compact = json.dumps(hundred, separators=(",", ":")).encode()
    assert len(compact) <= LIMITS.max_bytes
    assert len(batches(compact)[0].readings) == MAX_ITEMS
    assert decode(json.dumps([{}] * 101).encode(), NOW, LIMITS) == Refusal("cantidad")
    assert decode(json.dumps([{"t": 1}] * 101).encode(), NOW, LIMITS) == Refusal("cantidad")


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


readings = st.builds(
    Reading,
    t=st.integers(NOW - 400 * DAY, NOW + 600),
    dt=st.integers(0, DAY),
    seq=st.integers(0, 2**32 - 1),
    energia_wh=maybe(0, 1e10),
    potencia=maybe(-1e6, 1e6),
    potencia_max=maybe(-1e6, 1e6),
    tension=maybe(0, 500),
    corriente=maybe(0, 1000),
    fp=maybe(-1, 1),
    frecuencia=maybe(0, 100),
    calidad=st.integers(0, 3),
)


def sent(reading: Reading, **more: object) -> dict[str, object]:
    return {"anillo": 7, **{key: getattr(reading, field) for key, field in FIELDS.items()}, **more}


@given(st.lists(readings, min_size=1, max_size=5))
def test_what_a_meter_sends_arrives(took: list[Reading]) -> None:
    numbers = [r.seq for r in took if r.seq is not None]
    expected = Batch(7, min(numbers), max(numbers), tuple(took), {}, 0)
    assert one([sent(r) for r in took]) == expected
    assert one([sent(r, ñ="read item by item") for r in took]) == expected
    beside_a_bad_one = one([*(sent(r) for r in took), item(seq=numbers[0], u="x")])
    assert (beside_a_bad_one.readings, beside_a_bad_one.rejected) == (tuple(took), {"tipo_tension": 1})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FULL, "x"]), inner, max_size=8),
    max_leaves=5,
)


@dataclass
class Heard:
    """What became of the items of a message."""

    taken: int
    refused: int


def heard(payload: bytes) -> Heard:
    """Decode, and hold what must hold of any answer."""
    found = decode(payload, NOW, LIMITS)
    if isinstance(found, Refusal):
        assert REASON.fullmatch(found.reason)
        return Heard(0, 1)
    for batch in found:
        assert 0 <= batch.de <= batch.a < 2**32
        assert all(REASON.fullmatch(reason) for reason in batch.rejected)
        assert all(batch.de <= (r.seq or 0) <= batch.a for r in batch.readings)
        assert all(NOW - 400 * DAY <= r.t <= NOW + 600 for r in batch.readings)
    return Heard(sum(len(b.readings) + b.undated for b in found), sum(sum(b.rejected.values()) for b in found))


@given(st.binary() | values.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_and_any_json_get_an_answer(payload: bytes) -> None:
    heard(payload)


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*FULL]), values, max_size=2).map(lambda d: item(**d)), min_size=1, max_size=5
    )
)
def test_every_item_is_taken_or_refused_once(items: list[dict[str, Any]]) -> None:
    found = heard(json.dumps(items).encode())
    assert found.taken + found.refused == len(items) or found == Heard(0, 1)


def test_twenty_thousand_mutilated_messages() -> None:
    dice = Random(1)
    whole = json.dumps([FULL, item(seq=42)]).encode()
    kinds = [0, 0]
    for _ in range(20_000):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(broken))
            broken[at : at + dice.choice((0, 1, 1, 5))] = dice.choice((b"", b"e400", b"NaN", b"\xff", b"[", b"-", b"9"))
        found = heard(bytes(broken))
        kinds = [kinds[0] + found.taken, kinds[1] + found.refused]
    assert min(kinds) > 1000
