"""The SQLite file of measurements: its tables, and a connection that lives in a thread."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from enertrack.domain.resolution import Resolution
from enertrack.domain.text import text as _
from enertrack.stores.measurements.lines import READINGS, windows_of
from enertrack.stores.measurements.protocol import Unavailable

T = TypeVar("T")

_STORED: Final = (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY)
_TABLES: Final = (
    f"CREATE TABLE IF NOT EXISTS {READINGS} (nodo INTEGER, t INTEGER, dt INTEGER, seq INTEGER, "
    "energia_wh REAL, consumo_wh REAL, potencia REAL, potencia_max REAL, tension REAL, corriente REAL, "
    "fp REAL, frecuencia REAL, calidad INTEGER, PRIMARY KEY (nodo, t)) WITHOUT ROWID;"
) + "".join(
    f"CREATE TABLE IF NOT EXISTS {windows_of(r)} (nodo INTEGER, inicio INTEGER, registro INTEGER, "
    "resumen TEXT, PRIMARY KEY (nodo, inicio)) WITHOUT ROWID;"
    for r in _STORED
)


class Connection:
    """A connection that lives in a thread of its own; each call is one transaction, whoever stops waiting for it."""

    def __init__(self, path: Path, busy_s: float, name: str) -> None:
        self._path = path
        self._busy_s = busy_s
        self._db: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, f"sqlite-{name}")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of ``work`` on the connection."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with _failures():
            self._db = self._db or _open(self._path, self._busy_s)
            with self._db:
                return work(self._db)

    async def close(self) -> None:
        """Close it in its thread, after what it still has to do."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


_OPENING: Final = threading.Lock()
"""The first connection makes file and tables; a second one at the same moment would find them locked."""


def _open(path: Path, busy_s: float) -> sqlite3.Connection:
    with _OPENING:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=busy_s)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            # A confirmed reading is on the disk: with NORMAL a power cut could take the last ones back.
            db.execute("PRAGMA synchronous = FULL")
            db.executescript(_TABLES)
        except sqlite3.Error:
            db.close()
            raise
        return db


@contextmanager
def _failures() -> Iterator[None]:
    """A full disk, a locked or damaged file: nothing is stored until that is mended."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as failure:
        reason = _("SQLite no puede leer o escribir las mediciones: %(error)s", error=failure)
        raise Unavailable(reason) from failure
