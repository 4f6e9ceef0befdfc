"""Flux texts, made of numbers and fixed words only, and the CSV that answers them."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from typing import Final

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.stores.measurements.lines import READINGS, windows_of

END: Final = 9_223_372_036
"""The last whole second that InfluxDB knows; readings may lie some minutes ahead of now."""
_INTS: Final = frozenset({"dt", "seq", "calidad"})
_FIELDS: Final = tuple(name for name in Reading.__struct_fields__ if name != "t")


class QueryError(Exception):
    """The server broke off a query that it had begun to answer."""


def source(bucket: str, start: int, stop: int, where: str) -> str:
    """Points of start <= time < stop (Unix seconds, start < stop) for which ``where`` holds."""
    # A second that InfluxDB does not know is another one to it, far in the past.
    first, end = min(start, END - 1), min(stop, END)
    return f"from(bucket: {_text(bucket)}) |> range(start: {first:d}, stop: {end:d}) |> filter(fn: (r) => {where})"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def _of(measurement: str, node_ids: Iterable[int]) -> str:
    # A pattern and not a chain of "or": Flux refuses one of some hundred as nested too deep.
    ids = "|".join(f"{n:d}" for n in node_ids)
    return f'r._measurement == "{measurement}" and r.nodo =~ /^({ids})$/'


_ROWS: Final = (
    '|> drop(columns: ["_start", "_stop", "_measurement"])'
    '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
)


_TIME: Final = '|> keep(columns: ["_time"])'


def readings(bucket: str, node_ids: Iterable[int], start: int, stop: int) -> str:
    """A row for each reading; the pivot costs the server a third more and saves two thirds of the parsing here."""
    return f"{source(bucket, start, stop, _of(READINGS, node_ids))} {_ROWS}"


def latest(bucket: str, node_ids: Iterable[int], since: int) -> str:
    """A row for the last reading of each node; and parts, without ``dt``, of older ones with fields that it lacks."""
    return f"{source(bucket, since, END, _of(READINGS, node_ids))} |> last() {_ROWS}"


def windows(bucket: str, resolution: Resolution, node_ids: Iterable[int], start: int, stop: int) -> str:
    """A row for each window with its ``_value``, in the order of time for each node."""
    where = _of(windows_of(resolution), node_ids) + ' and r._field == "resumen"'
    return f'{source(bucket, start, stop, where)} |> keep(columns: ["_value", "nodo"])'


def newest_before(bucket: str, resolution: Resolution, node_id: int, start: int) -> str:
    """The row (``_time``) of the newest window with a register that begins before ``start``."""
    return f"{source(bucket, -END, start, _with_register(resolution, node_id))} |> last() {_TIME}"


def oldest_from(bucket: str, resolution: Resolution, node_id: int, start: int) -> str:
    """The row (``_time``) of the oldest window with a register that begins at ``start`` or later."""
    return f"{source(bucket, start, END, _with_register(resolution, node_id))} |> first() {_TIME}"


def _with_register(resolution: Resolution, node_id: int) -> str:
    return _of(windows_of(resolution), [node_id]) + ' and r._field == "registro" and r._value > 0.0'


def fingerprints(bucket: str, node_id: int, start: int, stop: int) -> str:
    """Rows (``result``, ``_time``, ``_value``) of the results count, first and last of each 15 minutes."""
    parts = (("count", "dt"), ("first", "energia_wh"), ("last", "energia_wh"))
    return " ".join(
        f'{source(bucket, start, stop, _of(READINGS, [node_id]) + f""" and r._field == "{field}" """)}'
        # Windows are (start, end], and times whole seconds: [start + 1 s, end + 1 s).
        f'|> aggregateWindow(every: 15m, offset: 1s, fn: {fn}, timeSrc: "_start", createEmpty: false)'
        f'|> keep(columns: ["_time", "_value"]) |> yield(name: "{fn}")'
        for fn, field in parts
    )


def span(bucket: str, node_id: int) -> str:
    """Rows (``_time``) of the oldest and the newest reading."""
    where = _of(READINGS, [node_id]) + ' and r._field == "dt"'
    return " ".join(
        f'{source(bucket, -END, END, where)} |> {fn}() {_TIME} |> yield(name: "{fn}")' for fn in ("first", "last")
    )


def rows(answer: str) -> Iterator[dict[str, str]]:
    """The rows of an answer (CSV without annotations). Raises ``QueryError`` where it carries an error."""
    header: list[str] = []
    for row in csv.reader(StringIO(answer, newline="")):
        if row[1:2] == ["result"] or row[1:2] == ["error"]:
            header = row
        elif row:
            found = dict(zip(header, row, strict=True))
            if "error" in found:
                raise QueryError(found["error"])
            yield found


def second(row: dict[str, str]) -> int:
    """Unix time of a row."""
    return int(datetime.fromisoformat(row["_time"]).timestamp())


def reading(row: dict[str, str]) -> Reading:
    """The reading of a row."""
    fields = {k: int(float(v)) if k in _INTS else float(v) for k in _FIELDS if (v := row.get(k))}
    return Reading(t=second(row), **fields)  # type: ignore[arg-type]
