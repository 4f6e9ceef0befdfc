import csv
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.demo.replay import read
from enertrack.demo.table import Row, TableError, readings, rows
from enertrack.domain.reading import Reading
from tests.support.household import CSV

PARIS = ZoneInfo("Europe/Paris")
HEAD = "local_time,active_power_w,reactive_power_var,voltage_v,current_a"


def table(*lines: str, zone: ZoneInfo = PARIS) -> list[Reading]:
    return list(readings(rows([HEAD, *lines], zone)))


def times(lines: list[str], zone: ZoneInfo = PARIS) -> list[int]:
    return [row.t for row in rows([HEAD, *(f"{line},1,0,230,1" for line in lines)], zone)]


def test_each_run_opens_with_the_register_as_it_stands() -> None:
    found = table(
        "2007-02-01T00:00:00,326,128,243.15,1.4",
        "2007-02-01T00:01:00,100,0,243.32,0.4",
        "2007-02-01T00:05:00,59,0,240,0.3",
    )
    start = int(datetime(2007, 2, 1, tzinfo=PARIS).timestamp())
    assert [(r.t - start, r.dt, r.energia_wh) for r in found] == [
        (0, 0, 0.0),
        (60, 60, 5.433),
        (120, 60, 7.1),
        (300, 0, 7.1),
        (360, 60, 8.083),
    ]
    assert (found[1].potencia, found[1].tension, found[1].corriente, found[1].fp) == (326.0, 243.15, 1.4, 0.931)


def test_no_power_at_all_has_a_power_factor_of_one() -> None:
    assert [r.fp for r in table("2007-02-01T00:00:00,0,0,243.15,0")] == [1.0, 1.0]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 26_500_000)), min_size=1, max_size=200))
def test_the_register_is_the_integral_of_power_within_a_thousandth(minutes: list[tuple[int, int]]) -> None:
    t = 0
    given_rows = []
    for gap, milliwatts in minutes:
        t += 60 * gap
        given_rows.append(f"{datetime.fromtimestamp(t, PARIS):%Y-%m-%dT%H:%M:%S},{milliwatts / 1000},0,230,1")
    found = table(*given_rows)
    runs = 1 + sum(gap > 1 for gap, _ in minutes[1:])
    assert len(found) == len(minutes) + runs
    exact_wh = sum(milliwatts for _, milliwatts in minutes) / 60_000
    assert found[-1].energia_wh == pytest.approx(exact_wh, abs=0.0006)
    assert [r.t for r in found] == sorted({r.t for r in found})


def test_the_hour_that_comes_twice_is_told_by_the_order_of_the_lines() -> None:
    autumn = [f"2007-10-28T0{hour}:{minute:02}:00" for hour in (2, 2, 3) for minute in range(60)]
    found = times(autumn)
    assert [b - a for a, b in pairwise(found)] == [60] * 179


def test_the_hour_that_spring_leaves_out_is_an_error() -> None:
    assert len(times(["2007-03-25T01:59:00", "2007-03-25T03:00:00"])) == 2
    with pytest.raises(TableError, match=r"línea 3: .*no existe en Europe/Paris"):
        times(["2007-03-25T01:59:00", "2007-03-25T02:00:00"])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2007-02-01T00:01:00,x,0,230,1", "línea 3: active_power_w no es un número"),
        ("2007-02-01T00:01:00,nan,0,230,1", "línea 3: active_power_w no es un número"),
        ("2007-02-01T00:01:00,1e400,0,230,1", "línea 3: active_power_w no es un número"),
        ("2007-02-01T00:01:00,1,0", "línea 3: voltage_v no es un número"),
        ("ayer,1,0,230,1", "línea 3: local_time no es una fecha y hora"),
        ("2007-02-01T00:00:00,1,0,230,1", "línea 3: .*no es al menos un minuto posterior"),
        ('2007-02-01T00:01:00,"1"0,0,230,1', "línea 3: no es CSV"),
    ],
)
def test_a_bad_line_is_named(line: str, why: str) -> None:
    with pytest.raises(TableError, match=why):
        table("2007-02-01T00:00:00,1,0,230,1", line)


def test_missing_columns_are_named() -> None:
    with pytest.raises(TableError, match="línea 1: faltan las columnas voltage_v, current_a"):
        list(rows(["local_time,active_power_w,reactive_power_var", "x"], PARIS))


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no se puede leer"):
        read(tmp_path / "nada.csv", PARIS)
    (tmp_path / "bytes.csv").write_bytes(HEAD.encode() + b"\n2007-02-01T00:00:00,\xff,0,230,1\n")
    with pytest.raises(TableError, match="no es texto en UTF-8"):
        read(tmp_path / "bytes.csv", PARIS)


def test_the_household_arrives_with_its_own_integral() -> None:
    found = read(CSV, PARIS)
    with CSV.open() as lines:
        watts = [float(cells["active_power_w"]) for cells in csv.DictReader(lines)]
    assert (len(watts), len(found), sum(r.dt == 0 for r in found)) == (8638, 8642, 4)
    assert found[-1].energia_wh == pytest.approx(sum(watts) / 60, abs=0.001)


def test_a_row_is_what_its_columns_say() -> None:
    (row,) = rows([HEAD, "2007-02-01T00:00:00,326,128,243.15,1.4"], PARIS)
    assert [float(x) for x in (row.active_w, row.reactive_var, row.voltage_v, row.current_a)] == [326, 128, 243.15, 1.4]
    assert isinstance(row, Row)
