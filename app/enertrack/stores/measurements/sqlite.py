"""Measurements in a SQLite file, where EnerTrack runs as one process without servers."""
# ruff: noqa: D102, S608 - the protocol tells what methods do; tables and columns are named by constants

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import astuple

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import QUARTER_S, Resolution
from enertrack.domain.summary import Window
from enertrack.stores.measurements.lines import READINGS, dump, has_register, load, windows_of
from enertrack.stores.measurements.protocol import Fingerprint, NodeReading, NodeWindow, Refused
from enertrack.stores.measurements.sqlite_file import Connection

Rows = list[tuple[Any, ...]]

_FIELDS: Final = Reading.__struct_fields__
_COLUMNS: Final = ", ".join(_FIELDS)
_LAST_S: Final = 9_223_372_036
"""The times that InfluxDB can keep, so that both stores refuse the same readings."""


class Sqlite:
    """``Measurements`` in the file ``path``; reads have a connection of their own and never wait for a write."""

    def __init__(self, path: Path, busy_s: float = 5.0) -> None:
        self._writer = Connection(path, busy_s, "escribe")
        self._reader = Connection(path, busy_s, "lee")

    async def write(self, readings: Sequence[NodeReading]) -> list[Refused]:
        refused = [Refused(i, why) for i, r in enumerate(readings) if (why := _refusal(r.reading))]
        bad = {r.index for r in refused}
        rows = [(r.node_id, *astuple(r.reading)) for i, r in enumerate(readings) if i not in bad]
        marks = ", ".join("?" * (1 + len(_FIELDS)))
        await self._executemany(f"INSERT OR REPLACE INTO {READINGS} (nodo, {_COLUMNS}) VALUES ({marks})", rows)
        return refused

    async def _executemany(self, sql: str, rows: Rows) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.executemany(sql, rows)  # its cursor must end in this thread: elsewhere it breaks the next statement

        await self._writer.run(work)

    async def _fetch(self, sql: str, *values: int) -> Rows:
        return await self._reader.run(lambda db: db.execute(sql, values).fetchall())

    async def readings(self, node_ids: Iterable[int], start: int, stop: int) -> dict[int, list[Reading]]:
        sql = f"SELECT {_COLUMNS} FROM {READINGS} WHERE nodo = ? AND t > ? AND t <= ? ORDER BY t"
        return {n: [_reading(row) for row in await self._fetch(sql, n, start, stop)] for n in node_ids}

    async def latest(self, node_ids: Iterable[int], since: int) -> dict[int, Reading]:
        sql = f"SELECT {_COLUMNS} FROM {READINGS} WHERE nodo = ? AND t > ? ORDER BY t DESC LIMIT 1"
        return {n: _reading(row) for n in node_ids for row in await self._fetch(sql, n, since)}

    async def write_windows(self, resolution: Resolution, windows: Sequence[NodeWindow]) -> None:
        table = windows_of(resolution)
        kept = [
            (w.node_id, w.window.start, has_register(w.window), dump(w.window))
            for w in windows
            if w.window.summary.count
        ]
        empty = [(w.node_id, w.window.start) for w in windows if not w.window.summary.count]

        def work(db: sqlite3.Connection) -> None:
            db.executemany(
                f"INSERT OR REPLACE INTO {table} (nodo, inicio, registro, resumen) VALUES (?, ?, ?, ?)", kept
            )
            db.executemany(f"DELETE FROM {table} WHERE nodo = ? AND inicio = ?", empty)

        await self._writer.run(work)

    async def windows(
        self, resolution: Resolution, node_ids: Iterable[int], start: int, stop: int
    ) -> dict[int, list[Window]]:
        where = "inicio >= ? AND inicio < ? ORDER BY inicio"
        return {n: await self._windows(resolution, where, n, start, stop) for n in node_ids}

    async def _windows(self, resolution: Resolution, where: str, *values: int) -> list[Window]:
        sql = f"SELECT resumen FROM {windows_of(resolution)} WHERE nodo = ? AND {where}"
        return [load(text) for (text,) in await self._fetch(sql, *values)]

    async def window_before(self, resolution: Resolution, node_id: int, start: int) -> Window | None:
        where = "inicio < ? AND registro ORDER BY inicio DESC LIMIT 1"
        return next(iter(await self._windows(resolution, where, node_id, start)), None)

    async def window_after(self, resolution: Resolution, node_id: int, stop: int) -> Window | None:
        where = "inicio >= ? AND registro ORDER BY inicio LIMIT 1"
        return next(iter(await self._windows(resolution, where, node_id, stop)), None)

    async def fingerprints(self, node_id: int, start: int, stop: int) -> Mapping[int, Fingerprint]:
        register = f"(SELECT energia_wh FROM {READINGS} WHERE nodo = ?1 AND t ="
        with_register = "CASE WHEN energia_wh IS NOT NULL THEN t END"
        sql = (
            f"SELECT quarter * {QUARTER_S}, n, {register} first), {register} last) FROM ("
            f"SELECT (t - 1) / {QUARTER_S} AS quarter, count(*) AS n, min({with_register}) AS first, "
            f"max({with_register}) AS last FROM {READINGS} WHERE nodo = ?1 AND t > ?2 AND t <= ?3 GROUP BY quarter)"
        )
        return {at: Fingerprint(n, a, b) for at, n, a, b in await self._fetch(sql, node_id, start, stop)}

    async def delete_windows(self, resolution: Resolution, node_id: int, start: int, stop: int) -> None:
        sql = f"DELETE FROM {windows_of(resolution)} WHERE nodo = ? AND inicio >= ? AND inicio < ?"
        await self._executemany(sql, [(node_id, start, stop)])

    async def span(self, node_id: int) -> tuple[int, int] | None:
        # Two questions, each answered by the key at once; min and max asked together would read all.
        of_node = f"FROM {READINGS} WHERE nodo = ?1"
        sql = f"SELECT (SELECT min(t) {of_node}), (SELECT max(t) {of_node})"
        ((oldest, newest),) = await self._fetch(sql, node_id)
        return None if oldest is None else (oldest, newest)

    async def ping(self) -> None:
        await self._fetch("SELECT 1")

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


def _reading(row: tuple[Any, ...]) -> Reading:
    return Reading(**dict(zip(_FIELDS, row, strict=True)))


def _refusal(reading: Reading) -> str | None:
    """Why no store can keep a reading: SQLite would turn NaN into "no value" without a word."""
    for name, value in zip(_FIELDS, astuple(reading), strict=True):
        if value is not None and not math.isfinite(value):
            return f"{name} no es un número finito"
    return None if abs(reading.t) <= _LAST_S else "t fuera de lo que se puede guardar"
