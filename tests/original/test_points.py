"""Lines of measurements: those of the meters, those of others, and those that say nothing."""

import io

import pytest

from enertrack.original.points import LONGEST, Point, Seen, points

NOW_NS = 1_800_000_000 * 10**9
GOOD = b"tension,esp_id=1265B7A0 valor=221.3 1700000000001234567\n"


def read(text: bytes) -> tuple[list[Point], Seen]:
    seen = Seen()
    return list(points(io.BytesIO(text), ["1265B7A0"], NOW_NS, seen, lambda: None)), seen


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (GOOD, 221.3),
        (GOOD.replace(b"\n", b"\r\n"), 221.3),
        (GOOD.rstrip(), 221.3),
        (GOOD.replace(b"221.3", b"1e-05"), 1e-05),
        (GOOD.replace(b"221.3", b"50"), 50.0),
    ],
)
def test_a_value_is_taken_with_its_board_and_time(line: bytes, value: float) -> None:
    assert read(line) == ([Point("1265B7A0", 1_700_000_000_001_234_567, 0, value)], Seen(lines=1))


@pytest.mark.parametrize(
    "line",
    [
        b"tension,esp_id=1265B7A0 valor=NaN 1700000000000000000",
        b"tension,esp_id=1265B7A0 valor=+Inf 1700000000000000000",
        b"tension,esp_id=1265B7A0 valor=1.2.3 1700000000000000000",
        b"tension,esp_id=1265B7A0 valor=1e999 1700000000000000000",
        b"tension,esp_id=1265B7A0 valor=12i 1700000000000000000",
        b"tension,esp_id=1265B7A0 valor=221",
        b"tension,esp_id=1265B7A0,extra=1 valor=221 1700000000000000000",
        b"tension,esp_id=1265B7A0 otro=221 1700000000000000000",
        b"\xff\x00\xfe",
        b"una sola palabra rota,",
        b"x" * (LONGEST * 3),
    ],
)
def test_a_broken_line_is_counted_and_the_next_is_taken(line: bytes) -> None:
    found, seen = read(line + b"\n" + GOOD)
    assert (len(found), seen.broken + seen.other) == (1, 1)


def test_what_is_not_of_the_meters_is_counted_apart() -> None:
    text = b"# cabecera\n\nraro\\ con\\,coma,esp_id=x\\ y valor=1e-07 1700000000000000000\n"
    text += b"fp,esp_id=FFFFFFFF valor=1 1700000000000000000\n" * 3
    text += b"fp,esp_id=1265B7A0 valor=1 1000\nfp,esp_id=1265B7A0 valor=1 9000000000000000000\n"
    found, seen = read(text)
    assert found == []
    assert (seen.other, seen.undated, seen.broken, seen.strangers) == (1, 2, 0, {"FFFFFFFF": 3})


def test_a_crowd_of_strangers_is_not_remembered_one_by_one() -> None:
    _, seen = read(b"".join(b"fp,esp_id=%08X valor=1 1700000000000000000\n" % i for i in range(3000)))
    assert len(seen.strangers) == 1001
    assert seen.strangers["otros"] == 2000
