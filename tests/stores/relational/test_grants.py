"""Each process does its work under its own account of MariaDB, which may do nothing else."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import audit, forgotten, nodes, people, second_factors, sessions, states, users
from enertrack.stores.database import connection, engine_of, ping
from enertrack.stores.grants import GRANTS, PREFIX, grant
from enertrack.stores.migration import upgrade
from enertrack.stores.tables import metadata
from tests.support.mariadb import Database

NOW = datetime(2026, 6, 17, 15, tzinfo=UTC)
BOARD = "A0B76512C4D0"


@pytest.fixture
async def database(mariadb_database: Database) -> AsyncIterator[Database]:
    """The tables, with a person, a node, and an account of each process without a password."""
    await upgrade(mariadb_database.url)
    engine = engine_of(mariadb_database.url)
    user = await users.add_user(engine, nombre_usuario="ana", password_hash="x")
    node = await nodes.add_node(engine, esp_id=BOARD, nombre="Casa", zona_horaria="Europe/Madrid")
    await nodes.link_user(engine, user_id=user, node_id=node, rol="propietario")
    await engine.dispose()
    for process in GRANTS:
        mariadb_database.query(f"CREATE OR REPLACE USER '{PREFIX}{process}'@'127.0.0.%' IDENTIFIED BY 'clave'")
    await grant(admin(mariadb_database))
    yield mariadb_database
    for process in GRANTS:
        mariadb_database.query(f"DROP USER '{PREFIX}{process}'@'127.0.0.%'")


def admin(database: Database) -> str:
    """The server's own administrator, as the command line of an appliance has it."""
    return f"mysql+aiomysql://root@localhost/{database.name}?charset=utf8mb4&unix_socket={database.server.socket}"


@asynccontextmanager
async def account(database: Database, process: str) -> AsyncIterator[AsyncEngine]:
    where = f"127.0.0.1:{database.server.port}/{database.name}?charset=utf8mb4"
    engine = engine_of(f"mysql+aiomysql://{PREFIX}{process}:clave@{where}")
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.mark.parametrize("process", ["web", "ingest"])
def test_each_table_has_its_row_for_each_process(process: str) -> None:
    assert GRANTS[process].keys() == metadata.tables.keys(), "a new table: say what the process may do with it"


@pytest.mark.parametrize("process", sorted(GRANTS))
def test_only_tables_that_exist_have_a_row(process: str) -> None:
    assert GRANTS[process].keys() <= metadata.tables.keys() | {"alembic_version"}


async def test_the_pages_do_their_work(database: Database) -> None:
    async with account(database, "web") as engine:
        await ping(engine)
        found = await users.user_by_name(engine, "ana")
        assert found
        await users.set_password_hash(engine, found.id, "y")
        for token in [await sessions.create(engine, found.id, now=NOW, address=None, agent=None) for _ in "ab"]:
            assert await sessions.find(engine, token, NOW)
            await sessions.touch(engine, token, NOW + timedelta(hours=1))
        await sessions.end(engine, token)
        await sessions.end_all(engine, found.id)
        await sessions.forget_ended(engine, NOW)
        assert await nodes.memberships(engine, found.id)
        assert await nodes.membership(engine, found.id, BOARD)
        await audit.record(engine, "ingreso", momento=NOW, usuario_id=found.id, detalle={"a": 1})


async def test_the_pages_keep_peoples_accounts(database: Database) -> None:
    async with account(database, "web") as engine:
        ana = await users.user_by_name(engine, "ana")
        assert ana
        await second_factors.switch_on(engine, ana.id, secreto="x", paso=1, codes=["uno"], now=NOW)
        assert await second_factors.take_step(engine, ana.id, 2)
        assert await second_factors.take_code(engine, ana.id, "uno", NOW)
        assert await forgotten.spend(engine, await forgotten.create(engine, ana.id, NOW), "y", NOW) == ana.id
        with pytest.raises(people.OnlyOwner):
            await people.remove(engine, ana.id, NOW)
        await people.remove(engine, await users.add_user(engine, nombre_usuario="eva", password_hash="x"), NOW)


async def test_ingest_does_its_work(database: Database) -> None:
    async with account(database, "ingest") as engine:
        (node,) = await nodes.all_nodes(engine)
        await nodes.record_deliveries(engine, [nodes.Delivery(node.id, NOW, NOW)])
        await nodes.record_state(engine, node.id, en_linea=True, firmware="1", senal_dbm=-60, momento=NOW)
        await audit.record(engine, "registro_inusual", momento=NOW, nodo_id=node.id)
        for value in ("1", "2"):
            await states.put(engine, "resumenes_hasta", value)
            assert await states.get(engine, "resumenes_hasta") == value
        async with states.advisory_lock(engine, "resumenes") as lock:
            assert lock
            assert await lock.still_held()
    async with account(database, "doctor") as engine, connection(engine) as conn:
        assert (await conn.execute(text("SELECT ultima_lectura FROM Nodos"))).scalar_one()


@pytest.mark.parametrize("process", sorted(GRANTS))
async def test_and_nothing_else(process: str, database: Database) -> None:
    statements = {
        "SELECT": "SELECT 1 FROM {} LIMIT 1",
        "INSERT": "INSERT INTO {} SELECT * FROM {} WHERE 0",
        "DELETE": "DELETE FROM {} WHERE 0",
        "DROP": "DROP TABLE {}",
        "ALTER": "ALTER TABLE {} COMMENT ''",
    }
    async with account(database, process) as engine, connection(engine, 60) as conn:
        for table in (*metadata.tables, "alembic_version"):
            given = GRANTS[process].get(table, "").split(", ")
            for privilege, statement in statements.items():
                if privilege not in given:
                    with pytest.raises(exc.DBAPIError, match="denied"):
                        await conn.exec_driver_sql(statement.replace("{}", f"`{table}`"))
        for statement in ("CREATE TABLE x (i INT)", "SELECT 1 FROM mysql.user", "CREATE USER x", "SET GLOBAL x = 1"):
            with pytest.raises(exc.DBAPIError):
                await conn.exec_driver_sql(statement)


async def test_again_nothing_changes_and_what_is_too_much_is_taken(database: Database) -> None:
    assert await grant(admin(database)) == 0
    database.query(f"GRANT DELETE, DROP ON `{database.name}`.Nodos TO '{PREFIX}web'@'127.0.0.%'")
    database.query(f"REVOKE SELECT ON `{database.name}`.Nodos FROM '{PREFIX}web'@'127.0.0.%'")
    assert await grant(admin(database)) == 3
    shown = "\n".join(row[0] for row in database.query(f"SHOW GRANTS FOR '{PREFIX}web'@'127.0.0.%'"))
    assert re.search(r"GRANT SELECT, INSERT, UPDATE ON `\w+`\.`Nodos`", shown)
    assert "DROP" not in shown


async def test_where_there_are_no_accounts_nothing_is_done(mariadb_database: Database) -> None:
    await upgrade(mariadb_database.url)
    assert await grant(admin(mariadb_database)) == 0


async def test_copies_are_tried_in_a_database_of_their_own(database: Database) -> None:
    trial = f"{database.name}_ensayo"
    async with account(database, "backup") as engine, connection(engine, 60) as conn:
        for statement in ("CREATE DATABASE {}", "CREATE TABLE {}.x (i INT)", "DROP DATABASE {}"):
            await conn.exec_driver_sql(statement.replace("{}", trial))
        for other in (trial.replace("_", "x"), f"{trial}2"):
            with pytest.raises(exc.DBAPIError, match="denied"):
                await conn.exec_driver_sql(f"CREATE DATABASE {other}")
    assert await grant(admin(database)) == 0
