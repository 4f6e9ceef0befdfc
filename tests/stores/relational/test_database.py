"""Engines, transactions, and a MariaDB that is away, comes back, hangs or says no."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import load
from enertrack.stores.database import POOL, DatabaseAway, Taken, connection, create_engine, engine_of, transaction
from enertrack.stores.migration import upgrade
from enertrack.stores.states import get, put
from enertrack.stores.tables import estado_sistema
from tests.support.mariadb import Database, MariaDB
from tests.support.processes import DEADLINE_S, eventually, free_port

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def opened(address: str, limit_s: float = 1.0) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(address, limit_s)
    yield engine
    await engine.dispose()


def row(key: str, moment: datetime = NOON) -> dict[str, object]:
    return {"clave": key, "valor": "1", "actualizado": moment}


async def test_what_is_done_in_a_transaction_is_done_whole(engine: AsyncEngine) -> None:
    async with transaction(engine) as conn:
        await conn.execute(insert(estado_sistema).values(row("a")))
        assert await get(engine, "a") is None
        await conn.execute(insert(estado_sistema).values(row("b")))
    assert (await get(engine, "a"), await get(engine, "b")) == ("1", "1")


async def test_what_fails_in_a_transaction_undoes_it_all(engine: AsyncEngine) -> None:
    with pytest.raises(Taken):
        await _twice_the_same(engine)
    assert await get(engine, "a") is None
    await put(engine, "a", "2")
    assert await get(engine, "a") == "2"


async def _twice_the_same(engine: AsyncEngine) -> None:
    async with transaction(engine) as conn:
        await conn.execute(insert(estado_sistema).values(row("a")))
        await conn.execute(insert(estado_sistema).values(row("a")))


async def test_a_cancelled_transaction_leaves_nothing_and_no_lock(engine: AsyncEngine) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with transaction(engine, DEADLINE_S) as conn:
            await conn.execute(insert(estado_sistema).values(row("a")))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(engine, "a", "2")
    assert await get(engine, "a") == "2"


async def test_statements_alone_see_what_others_have_written(engine: AsyncEngine) -> None:
    async with connection(engine) as reader:
        query = select(estado_sistema.c.valor).where(estado_sistema.c.clave == "a")
        assert await reader.scalar(query) is None
        await put(engine, "a", "1")
        assert await reader.scalar(query) == "1"


async def test_moments_are_utc_in_the_table_and_aware_outside(engine: AsyncEngine) -> None:
    there = timezone(timedelta(hours=-3))
    moment = datetime(2026, 3, 1, 9, 0, 0, 999_999, tzinfo=there)
    async with connection(engine) as conn:
        await conn.execute(insert(estado_sistema).values(row("a", moment)))
        await conn.execute(text("INSERT INTO EstadoSistema (clave, valor) VALUES ('b', '1')"))
        assert str(await conn.scalar(text("SELECT actualizado FROM EstadoSistema WHERE clave='a'"))) == (
            "2026-03-01 12:00:00"
        )
        (a, b) = (await conn.scalars(select(estado_sistema.c.actualizado).order_by(estado_sistema.c.clave))).all()
    assert a == NOON
    assert a.tzinfo is UTC
    assert abs(datetime.now(UTC) - b) < timedelta(minutes=5)


async def test_a_moment_without_zone_is_refused(engine: AsyncEngine) -> None:
    with pytest.raises(StatementError, match="naive"):
        async with connection(engine) as conn:
            await conn.execute(insert(estado_sistema).values(row("a", datetime(2026, 3, 1))))  # noqa: DTZ001


async def test_more_callers_than_connections_wait_their_turn(engine: AsyncEngine) -> None:
    await asyncio.gather(*(put(engine, f"k{i}", str(i)) for i in range(POOL * 8)))
    assert [await get(engine, f"k{i}") for i in range(POOL * 8)] == [str(i) for i in range(POOL * 8)]


async def test_a_mariadb_that_is_killed_is_away_and_usable_as_soon_as_it_is_back() -> None:
    with MariaDB(durable=True) as server:
        server.create("b")
        await upgrade(server.url("b"))
        async with opened(server.url("b")) as engine:
            await asyncio.gather(*(put(engine, "a", "1") for _ in range(POOL)))
            server.kill()
            for _ in range(2):
                with pytest.raises(DatabaseAway):
                    await get(engine, "a")
            server.start()
            assert await asyncio.gather(*(get(engine, "a") for _ in range(POOL))) == ["1"] * POOL
            server.stop()
            with pytest.raises(DatabaseAway):
                await put(engine, "a", "2")
            server.start()
            assert await get(engine, "a") == "1"


async def test_a_mariadb_that_is_restarted_between_two_statements_is_not_noticed() -> None:
    with MariaDB() as server:
        server.create("b")
        await upgrade(server.url("b"))
        async with opened(server.url("b")) as engine:
            await put(engine, "a", "1")
            server.kill()
            server.start()
            assert await get(engine, "a") == "1"


async def test_a_mariadb_that_hangs_is_away_and_usable_when_it_goes_on() -> None:
    with MariaDB() as server:
        server.create("b")
        await upgrade(server.url("b"))
        async with opened(server.url("b")) as engine:
            await put(engine, "a", "1")
            os.kill(server.process.child.pid, signal.SIGSTOP)
            async with asyncio.timeout(DEADLINE_S):
                await asyncio.gather(*(_away(engine) for _ in range(POOL * 3)))
                await _away(engine)
            os.kill(server.process.child.pid, signal.SIGCONT)
            assert await get(engine, "a") == "1"


async def test_a_transaction_that_a_hanging_mariadb_may_have_taken_is_whole_or_nothing() -> None:
    with MariaDB() as server:
        server.create("b")
        await upgrade(server.url("b"))
        async with opened(server.url("b")) as engine:
            async with asyncio.timeout(DEADLINE_S):
                with pytest.raises(DatabaseAway):
                    await _stopped_half_way(engine, server)
            os.kill(server.process.child.pid, signal.SIGCONT)
            assert [await get(engine, key) for key in "ab"] in ([None, None], ["1", "1"])


async def _stopped_half_way(engine: AsyncEngine, server: MariaDB) -> None:
    async with transaction(engine, 1) as conn:
        await conn.execute(insert(estado_sistema).values(row("a")))
        os.kill(server.process.child.pid, signal.SIGSTOP)
        await conn.execute(insert(estado_sistema).values(row("b")))


async def _away(engine: AsyncEngine) -> None:
    with pytest.raises(DatabaseAway):
        async with connection(engine, 1) as conn:
            await conn.execute(text("SELECT 1"))


async def test_a_statement_that_takes_too_long_is_given_up(mariadb_database: Database) -> None:
    async with opened(mariadb_database.url) as engine:
        with pytest.raises(DatabaseAway):
            async with connection(engine, 1) as conn:
                await conn.execute(text("SELECT SLEEP(3600)"))
        await eventually(lambda: _none_sleeps(mariadb_database), "the server gives it up too")


async def _none_sleeps(database: Database) -> bool:
    return not database.query("SELECT 1 FROM information_schema.processlist WHERE info LIKE %s", "SELECT SLEEP%")


@pytest.mark.parametrize(
    "mistake",
    [{"MYSQL_PASSWORD": "otra"}, {"MYSQL_USER": "otro"}, {"MYSQL_DB": "otra"}, {"MYSQL_HOST": "no.existe.invalid"}],
)
async def test_a_server_that_refuses_us_is_away_and_says_why(
    mariadb_database: Database, mistake: dict[str, str]
) -> None:
    engine = create_engine(load(INFLUX | mariadb_database.environment | mistake))
    with pytest.raises(DatabaseAway, match=f"{next(iter(mistake))}.*(1045|1049)|2003"):
        await get(engine, "a")
    await engine.dispose()


async def test_a_database_without_tables_is_away_and_says_what_makes_them(mariadb_database: Database) -> None:
    engine = create_engine(load(INFLUX | mariadb_database.environment))
    with pytest.raises(DatabaseAway, match="enertrack db upgrade"):
        await get(engine, "a")
    await engine.dispose()


async def test_nobody_listening_is_away() -> None:
    async with opened(f"mysql+aiomysql://u:p@127.0.0.1:{free_port()}/b") as engine:
        with pytest.raises(DatabaseAway):
            await get(engine, "a")


async def test_settings_lead_to_the_server_by_tcp_and_by_its_socket(mariadb_database: Database) -> None:
    by_socket = {"ENERTRACK_MYSQL_SOCKET": str(mariadb_database.server.socket), "ENERTRACK_MYSQL_PUERTO": "1"}
    for more in ({}, by_socket):
        engine = create_engine(load(INFLUX | mariadb_database.environment | more))
        async with connection(engine) as conn:
            assert await conn.scalar(text("SELECT DATABASE()")) == mariadb_database.name
        await engine.dispose()


async def test_too_many_connections_is_away() -> None:
    with MariaDB(options=("--max-connections=10",)) as server:
        server.create("b")
        async with opened(server.url("b")) as one, opened(server.url("b")) as other:
            async with asyncio.timeout(DEADLINE_S):
                answers = await asyncio.gather(
                    *(_held(e) for e in (one, other) for _ in range(2 * POOL)), return_exceptions=True
                )
        assert {type(a) for a in answers} == {type(None), DatabaseAway}


async def _held(engine: AsyncEngine) -> None:
    async with connection(engine, 5) as conn:
        await conn.execute(text("SELECT SLEEP(0.5)"))


async def test_a_mistake_of_ours_is_no_absence(engine: AsyncEngine) -> None:
    with pytest.raises(StatementError):
        async with connection(engine) as conn:
            await conn.execute(text("SELECT nada FROM EstadoSistema"))


async def test_a_locked_sqlite_is_away_and_a_file_in_no_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "nueva" / "carpeta" / "enertrack.db"
    address = f"sqlite+aiosqlite:///{file}"
    await upgrade(address)
    async with opened(address) as engine:
        await put(engine, "a", "1")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway):
            await put(engine, "a", "2")
        assert await get(engine, "a") == "1"
        other.execute("ROLLBACK")
        other.close()
        await put(engine, "a", "2")
        assert await get(engine, "a") == "2"


INFLUX = {
    "INFLUX_URL": "http://127.0.0.1:8086",
    "INFLUX_TOKEN": "x",
    "INFLUX_ORG": "o",
    "INFLUX_BUCKET": "b",
    "ENERTRACK_MQTT_HOST": "127.0.0.1",
}
