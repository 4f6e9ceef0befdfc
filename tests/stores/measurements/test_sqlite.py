"""What is of SQLite alone: its disk, its locks, its file."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from enertrack.domain.reading import Reading
from enertrack.stores.measurements.protocol import NodeReading, Unavailable
from enertrack.stores.measurements.sqlite import Sqlite

T0 = 1_760_000_400


def readings(n: int, start: int = T0) -> list[NodeReading]:
    return [NodeReading(3, Reading(t=start + i, dt=1, energia_wh=float(i))) for i in range(n)]


@contextlib.asynccontextmanager
async def opened(path: Path, busy_s: float = 5.0) -> AsyncIterator[Sqlite]:
    store = Sqlite(path, busy_s)
    try:
        yield store
    finally:
        await store.close()


async def count(store: Sqlite) -> int:
    return len((await store.readings([3], 0, 2 * T0))[3])


async def test_a_file_keeps_what_was_stored_in_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mediciones.db"
    async with opened(path) as store:
        await store.write(readings(10))
    async with opened(path) as store:
        assert await count(store) == 10


async def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    async with opened(tmp_path / "m.db") as store:
        await store.write(readings(10))
        pages = await store._writer.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
        await store._writer.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall())
        with pytest.raises(Unavailable, match="disk is full"):
            await store.write(readings(5000, T0 + 100))
        assert await count(store) == 10
        await store._writer.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall())
        assert await store.write(readings(5000, T0 + 100)) == []
        assert await count(store) == 5010


async def test_while_another_process_writes_reads_go_on_and_writes_wait(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    async with opened(path, busy_s=0.01) as store:
        await store.write(readings(10))
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="locked"):
                await store.write(readings(10, T0 + 100))
            assert await count(store) == 10
            other.execute("ROLLBACK")
        await store.write(readings(10, T0 + 100))
        assert await count(store) == 20


async def test_a_read_does_not_wait_for_a_long_write(tmp_path: Path) -> None:
    async with opened(tmp_path / "m.db") as store:
        await store.write(readings(10))
        held, free = threading.Event(), threading.Event()

        def slow(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM medicion")
            held.set()
            assert free.wait(60)

        writing = asyncio.create_task(store._writer.run(slow))
        await asyncio.to_thread(held.wait, 60)
        assert await count(store) == 10
        free.set()
        await writing
        assert await count(store) == 0


async def test_who_stops_waiting_leaves_no_half_of_a_write(tmp_path: Path) -> None:
    async with opened(tmp_path / "m.db") as store:
        await store.ping()
        writing = asyncio.create_task(store.write(readings(5000)))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await store.write(readings(10, T0 + 10_000))
        assert await count(store) in {10, 5010}


async def test_a_file_of_something_else_and_a_folder_that_cannot_be_are_told(tmp_path: Path) -> None:
    (tmp_path / "m.db").write_text("not a database, " * 100)
    async with opened(tmp_path / "m.db") as store:
        with pytest.raises(Unavailable, match="not a database"):
            await store.write(readings(1))
        with pytest.raises(Unavailable, match="not a database"):
            await store.ping()
    async with opened(tmp_path / "m.db" / "below" / "m.db") as store:
        with pytest.raises(Unavailable, match="SQLite"):
            await store.ping()


async def test_a_store_is_mended_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "m.db"
    path.parent.write_text("a file where the folder should be")
    async with opened(path) as store:
        with pytest.raises(Unavailable):
            await store.write(readings(1))
        path.parent.unlink()
        assert await store.write(readings(1)) == []
