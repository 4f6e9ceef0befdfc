"""Seven leaves of an original board become one reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.leaves import DT_S, LEAVES, ROUND_S, Round, add, close
from enertrack.domain.reading import Reading

SENT = {
    "tension": b"229.7",
    "corriente": b"2.31",
    "fp": b"0.97",
    "frecuencia": b"50.00",
    "potencia_prom": b"512.3",
    "consumo": b"0.0171",
    "energy_raw": b"123.456",
}
NOW = 1_790_000_000.0


def hear(leaves: list[tuple[str, bytes]], gap_s: float = 0.1) -> tuple[Round | None, list[Reading], list[str]]:
    """Leaves one after the other: the open round, the finished readings, the reasons of refusals."""
    current: Round | None = None
    finished, reasons = [], []
    for n, (leaf, payload) in enumerate(leaves):
        current, reading, reason = add(current, leaf, payload, NOW + n * gap_s)
        finished += [reading] if reading else []
        reasons += [reason] if reason else []
    return current, finished, reasons


def test_the_original_publishes_seven_leaves() -> None:
    assert SENT.keys() == LEAVES


@given(st.permutations(sorted(SENT)))
def test_a_round_in_any_order_is_one_reading_with_the_time_of_its_first_leaf(order: list[str]) -> None:
    current, finished, reasons = hear([(leaf, SENT[leaf]) for leaf in order])
    assert current
    assert (finished, reasons) == ([], [])
    assert close(current) == Reading(
        t=int(NOW),
        dt=DT_S,
        energia_wh=123_456.0,
        potencia=512.3,
        tension=229.7,
        corriente=2.31,
        fp=0.97,
        frecuencia=50.0,
    )


def test_consumption_of_the_window_counts_where_there_is_no_register() -> None:
    current, _, _ = hear([("consumo", b"0.0171"), ("tension", b"230")])
    assert current
    assert close(current) == Reading(t=int(NOW), dt=120, consumo_wh=17.1, tension=230.0)


@given(st.permutations(sorted(SENT)), st.permutations(sorted(SENT)))
def test_a_leaf_that_repeats_ends_the_round(first: list[str], second: list[str]) -> None:
    current, finished, _ = hear([(leaf, SENT[leaf]) for leaf in [*first, *second]], gap_s=0.001)
    assert current
    assert len(finished) == 1
    assert len(current.values) == len(SENT)
    assert current.opened == pytest.approx(NOW + 0.007)


def test_a_round_ends_after_five_seconds() -> None:
    opened = Round(NOW, {"tension": 230.0})
    late, reading, _ = add(opened, "fp", b"1", NOW + ROUND_S - 0.01)
    assert (late, reading) == (Round(NOW, {"tension": 230.0, "fp": 1.0}), None)
    late, reading, _ = add(opened, "fp", b"1", NOW + ROUND_S)
    assert (late, reading) == (Round(NOW + ROUND_S, {"fp": 1.0}), Reading(t=int(NOW), dt=120, tension=230.0))


BAD = [
    *[("tension", p, "tipo_tension") for p in (b"", b"nan", b"inf", b"1_0", b"0x1", b"\xff", b"1 2", b"1" * 33)],
    *[("tension", p, "rango_tension") for p in (b"-1", b"500.1", b"1e400", b"-1e400")],
    ("corriente", b"1000.1", "rango_corriente"),
    ("fp", b"1.01", "rango_fp"),
    ("frecuencia", b"100.1", "rango_frecuencia"),
    ("potencia_prom", b"1000001", "rango_potencia_prom"),
    ("consumo", b"-0.001", "rango_consumo"),
    ("consumo", b"34", "rango_consumo"),
    ("energy_raw", b"10000001", "rango_energy_raw"),
    ("energy_raw", "\N{ARABIC-INDIC DIGIT ONE}".encode(), "tipo_energy_raw"),
]


@pytest.mark.parametrize(("leaf", "payload", "reason"), BAD)
def test_a_refused_leaf_neither_opens_nor_repeats_but_time_goes_on(leaf: str, payload: bytes, reason: str) -> None:
    assert add(None, leaf, payload, NOW) == (None, None, reason)
    opened, _, _ = add(None, leaf, b"0", NOW)
    assert opened
    assert add(opened, leaf, payload, NOW + 1) == (opened, None, reason)
    assert add(opened, leaf, payload, NOW + ROUND_S) == (None, close(opened), reason)


@pytest.mark.parametrize("payload", [b"230", b"230.", b"+230.0", b" 2.3e2\n", b"23000E-2"])
def test_numbers_as_programs_write_them(payload: bytes) -> None:
    assert add(None, "tension", payload, NOW)[0] == Round(NOW, {"tension": 230.0})


@given(st.lists(st.tuples(st.sampled_from(sorted(LEAVES)), st.binary(max_size=40))))
def test_any_bytes_get_an_answer(leaves: list[tuple[str, bytes]]) -> None:
    current, finished, reasons = hear(leaves)
    held = len(current.values) if current else 0
    assert held + len(finished) + len(reasons) <= len(leaves)
    assert all(reason.split("_", 1)[1] in LEAVES for reason in reasons)
