"""What EnerTrack remembers of itself, and the locks that one process holds."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import DatabaseAway, engine_of
from enertrack.stores.states import advisory_lock, get, put
from tests.support.mariadb import Database, MariaDB
from tests.support.processes import eventually


async def test_what_was_put_is_there_and_the_last_one_holds(engine: AsyncEngine) -> None:
    assert await get(engine, "conciliado") is None
    for value in ("1", "2", "ñ🙂" * 9000):
        await put(engine, "conciliado", value)
        assert await get(engine, "conciliado") == value
    assert await get(engine, "CONCILIADO") is None


async def test_a_lock_is_one_process_at_a_time(mariadb_database: Database) -> None:
    one, other = engine_of(mariadb_database.url), engine_of(mariadb_database.url)
    async with advisory_lock(one, "a") as held:
        assert held is not None
        assert await held.still_held()
        async with advisory_lock(other, "a") as refused:
            assert refused is None
        async with advisory_lock(other, "b") as another:
            assert another is not None
    async with advisory_lock(other, "a") as free:
        assert free is not None
    await one.dispose()
    await other.dispose()


async def test_a_lock_is_waited_for(mariadb_database: Database) -> None:
    engine = engine_of(mariadb_database.url)
    asked = asyncio.Event()

    async def second() -> bool:
        asked.set()
        async with advisory_lock(engine, "a", 60) as held:
            return held is not None

    async with advisory_lock(engine, "a") as held:
        assert held is not None
        task = asyncio.create_task(second())
        await asked.wait()
        await eventually(lambda: _waits(mariadb_database), "the second asks")
        assert not task.done()
    assert await task
    await engine.dispose()


async def _waits(database: Database) -> bool:
    return bool(database.query("SELECT 1 FROM information_schema.processlist WHERE state = %s", "User lock"))


async def test_a_lock_belongs_to_its_database(mariadb_server: MariaDB) -> None:
    for name in ("una", "otra"):
        mariadb_server.create(name)
    one, other = engine_of(mariadb_server.url("una")), engine_of(mariadb_server.url("otra"))
    async with advisory_lock(one, "a") as held, advisory_lock(other, "a") as also:
        assert held is not None
        assert also is not None
    await one.dispose()
    await other.dispose()


async def test_a_holder_whose_connection_is_cut_holds_no_more_and_another_may(mariadb_database: Database) -> None:
    engine = engine_of(mariadb_database.url)
    async with advisory_lock(engine, "a") as held:
        assert held is not None
        ((holder,),) = mariadb_database.query("SELECT IS_USED_LOCK(%s)", f"{mariadb_database.name}.a")
        mariadb_database.query(f"KILL {holder}")
        assert not await held.still_held()
        assert not await held.still_held()
        async with advisory_lock(engine, "a") as other:
            assert other is not None
            assert await other.still_held()
    await engine.dispose()


async def test_a_lock_of_a_server_that_is_gone_is_held_no_more() -> None:
    with MariaDB() as server:
        server.create("b")
        engine = engine_of(server.url("b"))
        async with advisory_lock(engine, "a") as held:
            assert held is not None
            server.kill()
            assert not await held.still_held()
        with pytest.raises(DatabaseAway):
            async with advisory_lock(engine, "a"):
                raise AssertionError
        server.start()
        async with advisory_lock(engine, "a") as held:
            assert held is not None
        await engine.dispose()


async def test_a_lock_is_free_after_its_work_fails_or_is_cancelled(mariadb_database: Database) -> None:
    engine = engine_of(mariadb_database.url)
    inside = asyncio.Event()

    async def work() -> None:
        async with advisory_lock(engine, "a") as held:
            assert held is not None
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ZeroDivisionError):
        await _fails_inside(engine)
    async with advisory_lock(engine, "a") as held:
        assert held is not None
    await engine.dispose()


async def _fails_inside(engine: AsyncEngine) -> None:
    async with advisory_lock(engine, "a") as held:
        assert held is not None
        raise ZeroDivisionError


async def test_the_one_process_of_sqlite_always_has_the_lock(sqlite_tables: str) -> None:
    engine = engine_of(sqlite_tables)
    async with advisory_lock(engine, "a") as held:
        assert held is not None
        assert await held.still_held()
    await engine.dispose()
