"""Points put in the order of time on disk, because an export has them by series, and they are too many for memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from typing import Final, NamedTuple

from enertrack.original.files import CopyError
from enertrack.original.points import Point

NAMELESS: Final = ""
"""A file of SQLite's own in TMPDIR or /var/tmp (/tmp is memory on many machines), which is deleted once it is open."""
CACHE_KB: Final = 32_768
_PRAGMAS: Final = ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KB}", "temp_store = FILE")


class Extent(NamedTuple):
    """How many points of a board there are, and the times of the first and the last, Unix seconds."""

    points: int
    first: int
    last: int


class Spool:
    """Points on disk, a table for each of the ``boards``: sorting one at a time needs the least room."""

    def __init__(self, db: sqlite3.Connection, boards: Iterable[str]) -> None:
        self._db = db
        self._tables = {board: f"points{i}" for i, board in enumerate(boards)}
        for table in self._tables.values():
            db.execute(f"CREATE TABLE {table} (t INTEGER, leaf INTEGER, value REAL)")

    def fill(self, points: Iterable[Point]) -> None:
        """Keep points."""
        with self._db:
            for board, some in groupby(points, key=lambda point: point.board):
                insert = f"INSERT INTO {self._tables[board]} VALUES (?, ?, ?)"  # noqa: S608 - a name of ours
                self._db.executemany(insert, (point[1:] for point in some))

    def extents(self) -> dict[str, Extent]:
        """What there is of each board that has any."""
        return {board: found for board, table in self._tables.items() if (found := self._extent(table)).points}

    def _extent(self, table: str) -> Extent:
        query = f"SELECT count(*), min(t) / 1000000000, max(t) / 1000000000 FROM {table}"  # noqa: S608 - a name of ours
        return Extent(*self._db.execute(query).fetchone())

    def of(self, board: str) -> Iterator[Point]:
        """A board's points in the order of time; of two at once the later told comes later."""
        query = f"SELECT t, leaf, value FROM {self._tables[board]} ORDER BY t, rowid"  # noqa: S608 - a name of ours
        return (Point(board, *row) for row in self._db.execute(query))


@contextmanager
def spool(boards: Iterable[str]) -> Iterator[Spool]:
    """A spool that leaves nothing behind, however the process ends. Raises CopyError where the disk is full."""
    try:
        with closing(sqlite3.connect(NAMELESS)) as db:
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
            yield Spool(db, boards)
    except sqlite3.OperationalError as error:
        message = f"no se pueden ordenar las mediciones en disco ({error}): libere espacio, o indique otro con TMPDIR"
        raise CopyError(message) from error
