"""Tables of real readings, as the readings that a meter would have sent."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.domain.reading import Reading

COLUMNS: Final = ("local_time", "active_power_w", "reactive_power_var", "voltage_v", "current_a")
ROW_S: Final = 60
LARGEST: Final = 1_000_000


class TableError(Exception):
    """The table cannot be read; says which line and why, in Spanish."""


class Row(msgspec.Struct, frozen=True):
    """The means over (t, t + 60 s]: active power W, reactive power var, voltage V, current A."""

    t: int
    active_w: Decimal
    reactive_var: Decimal
    voltage_v: Decimal
    current_a: Decimal


def rows(lines: Iterable[str], zone: ZoneInfo) -> Iterator[Row]:
    """Rows of a CSV table whose ``local_time`` is of ``zone``.

    An hour that daylight saving repeats is told apart by the order of the lines. Raises ``TableError``.
    """
    table = csv.DictReader(lines, strict=True)
    missing = [c for c in COLUMNS if c not in (table.fieldnames or ())]
    if missing:
        message = f"línea 1: faltan las columnas {', '.join(missing)} (se esperan {', '.join(COLUMNS)})"
        raise TableError(message)
    last: int | None = None
    try:
        for cells in table:
            row = _row(cells, table.line_num, zone, last)
            last = row.t
            yield row
    except csv.Error as e:
        message = f"línea {table.line_num + 1}: no es CSV: {e}"
        raise TableError(message) from e


def _row(cells: dict[str, str | None], line: int, zone: ZoneInfo, last: int | None) -> Row:
    t = _time(cells["local_time"] or "", line, zone, last)
    return Row(t, *(_number(cells[c], c, line) for c in COLUMNS[1:]))


def _number(text: str | None, column: str, line: int) -> Decimal:
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) > LARGEST:
        message = f"línea {line}: {column} no es un número hasta {LARGEST}: {text!r}"
        raise TableError(message)
    return value


def _time(text: str, line: int, zone: ZoneInfo, last: int | None) -> int:
    """Unix time of a local one: the first of its meanings that lies a minute or more after ``last``."""
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as e:
        message = f"línea {line}: local_time no es una fecha y hora (2007-02-01T00:00:00): {text!r}"
        raise TableError(message) from e
    meanings = [moment for moment in (local.replace(fold=0), local.replace(fold=1)) if _exists(moment)]
    if not meanings:
        message = f"línea {line}: {text} no existe en {zone.key} (cambio de hora); indique la zona con --zone"
        raise TableError(message)
    for t in (int(moment.timestamp()) for moment in meanings):
        if last is None or t >= last + ROW_S:
            return t
    message = f"línea {line}: {text} no es al menos un minuto posterior a la línea anterior"
    raise TableError(message)


def _exists(moment: datetime) -> bool:
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) == moment.replace(tzinfo=None)


def readings(table: Iterable[Row]) -> Iterator[Reading]:
    """Readings of rows in the order of time: each run of consecutive minutes opens with a reading of dt 0.

    The register starts at zero, grows by power x 60 s (kept exact, given to 0.001 Wh) and stands still
    between runs.
    """
    total_w_min = Decimal(0)
    end: int | None = None
    for row in table:
        if row.t != end:
            yield _reading(row, row.t, 0, total_w_min)
        total_w_min += row.active_w
        end = row.t + ROW_S
        yield _reading(row, end, ROW_S, total_w_min)


def _reading(row: Row, t: int, dt: int, total_w_min: Decimal) -> Reading:
    """A reading with the row's means and power factor = P / sqrt(P^2 + Q^2)."""
    apparent_va = (row.active_w**2 + row.reactive_var**2).sqrt()
    return Reading(
        t=t,
        dt=dt,
        energia_wh=float(round(total_w_min / 60, 3)),
        potencia=float(row.active_w),
        tension=float(row.voltage_v),
        corriente=float(row.current_a),
        fp=float(round(row.active_w / apparent_va, 3)) if apparent_va else 1.0,
    )
