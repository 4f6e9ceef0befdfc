"""The tables, the migrations and schema.sql say the same, on a real MariaDB and on SQLite."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import load
from enertrack.stores.database import connection, engine_of
from enertrack.stores.migration import UnknownRevision, downgrade, head, upgrade, version
from enertrack.stores.schema import schema
from enertrack.stores.tables import metadata
from tests.support.mariadb import Database, MariaDB

Rows = list[tuple[Any, ...]]

FIRST = "0001"
COLUMNS = """
    SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra,
           character_set_name, collation_name
    FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2"""
KEYS = """
    SELECT table_name, index_name, non_unique, seq_in_index, column_name
    FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 4"""
FOREIGN_KEYS = """
    SELECT k.table_name, k.constraint_name, k.ordinal_position, k.column_name, k.referenced_table_name,
           k.referenced_column_name, r.delete_rule, r.update_rule
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.table_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.table_schema = DATABASE() ORDER BY 1, 2, 3"""
CHECKS = """
    SELECT table_name, constraint_name, check_clause
    FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() ORDER BY 1, 2"""
TABLES = """
    SELECT table_name, engine, table_collation
    FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"""

ORIGINAL_LINKS = """
    CREATE TABLE UsuariosNodos (
      usuario_id INT(10) UNSIGNED NOT NULL, nodo_id INT(10) UNSIGNED NOT NULL, activo TINYINT(1) NOT NULL DEFAULT 1,
      ubicacion VARCHAR(100) DEFAULT NULL, fecha_asignacion DATETIME DEFAULT CURRENT_TIMESTAMP(),
      ultimo_acceso DATETIME DEFAULT NULL,
      PRIMARY KEY (usuario_id, nodo_id), FOREIGN KEY (usuario_id) REFERENCES Usuarios(id),
      FOREIGN KEY (nodo_id) REFERENCES Nodos(id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci"""


def described(database: Database) -> dict[str, Rows]:
    queries = {"columns": COLUMNS, "keys": KEYS, "foreign": FOREIGN_KEYS, "checks": CHECKS, "tables": TABLES}
    return {name: database.query(query) for name, query in queries.items()}


def load_sql(database: Database, script: str) -> None:
    command = ["mariadb", f"--socket={database.server.socket}", "--user=root", "--default-character-set=utf8mb4"]
    subprocess.run([*command, database.name], input=script.encode(), check=True, capture_output=True)


@pytest.fixture
def other_database(mariadb_server: MariaDB) -> Database:
    mariadb_server.create("otra_forma")
    return Database(mariadb_server, "otra_forma")


async def make_tables(address: str) -> None:
    engine = engine_of(address, 60)
    async with connection(engine) as conn:
        await conn.run_sync(metadata.create_all)
    await engine.dispose()


async def test_schema_sql_and_the_migrations_make_the_same_database(
    mariadb_database: Database, other_database: Database
) -> None:
    await upgrade(mariadb_database.url)
    load_sql(other_database, schema())
    migrated, loaded = described(mariadb_database), described(other_database)
    assert {row[0] for row in migrated["tables"]} == {*metadata.tables, "alembic_version"}
    assert loaded == migrated
    versions = [d.query("SELECT version_num FROM alembic_version") for d in (mariadb_database, other_database)]
    assert versions == [[(head(),)]] * 2


async def test_the_tables_make_the_same_database_as_the_migrations(
    mariadb_database: Database, other_database: Database
) -> None:
    await upgrade(mariadb_database.url)
    await make_tables(other_database.url)
    mariadb_database.query("DROP TABLE alembic_version")
    assert described(other_database) == described(mariadb_database)


async def test_a_column_that_differs_is_seen(mariadb_database: Database, other_database: Database) -> None:
    await upgrade(mariadb_database.url)
    load_sql(other_database, schema().replace("esp_id VARCHAR(12)", "esp_id VARCHAR(13)"))
    assert described(other_database) != described(mariadb_database)


async def test_collations_are_those_decided(mariadb_database: Database) -> None:
    await upgrade(mariadb_database.url)
    found = {(row[0], row[2]): row[8] for row in described(mariadb_database)["columns"] if row[8]}
    found.pop(("alembic_version", "version_num"))
    assert set(found.values()) == {"ascii_bin", "utf8mb4_uca1400_ai_ci", "utf8mb4_bin"}
    assert [key for key, value in found.items() if value == "utf8mb4_bin"] == [("Auditoria", "detalle")]
    coded = {column for (_, column), value in found.items() if value == "ascii_bin"}
    assert {"esp_id", "token_sha256", "codigo_sha256", "sha256", "clave", "zona_horaria"} <= coded
    assert {(row[1], row[2]) for row in described(mariadb_database)["tables"]} == {("InnoDB", "utf8mb4_uca1400_ai_ci")}


async def test_links_have_the_required_form_plus_ours(mariadb_database: Database, other_database: Database) -> None:
    await upgrade(mariadb_database.url)
    for parent in ("Usuarios", "Nodos"):
        other_database.query(f"CREATE TABLE {parent} (id INT(10) UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY)")
    other_database.query(ORIGINAL_LINKS)
    ours, required = (
        {name: [row for row in rows if row[0] == "UsuariosNodos"] for name, rows in described(database).items()}
        for database in (mariadb_database, other_database)
    )
    role, since = ours["columns"][-2:]
    assert role[2:5] == ("rol", "enum('propietario','gestor','lector')", "NO")
    assert since[2:5] == ("desde", "datetime", "YES")
    del ours["columns"][-2:]
    assert ours["columns"] == required["columns"]
    assert ours["tables"] == required["tables"]
    assert _without_names(ours["foreign"]) == _without_names(required["foreign"])
    assert _key_columns(ours["keys"]) == _key_columns(required["keys"])


def _without_names(rows: Rows) -> Rows:
    return sorted((row[0], *row[2:]) for row in rows)


def _key_columns(rows: Rows) -> set[tuple[Any, ...]]:
    return {(row[1] == "PRIMARY", *row[2:]) for row in rows}


async def test_the_tables_make_the_same_sqlite_as_the_migrations(tmp_path: Path) -> None:
    forms = []
    for name, make in (("migrado", upgrade), ("creado", make_tables)):
        address = f"sqlite+aiosqlite:///{tmp_path / name}.db"
        await make(address)
        engine = engine_of(address)
        async with connection(engine) as conn:
            forms.append(await conn.run_sync(_described_sqlite))
        await engine.dispose()
    assert forms[0] == forms[1]


def _described_sqlite(conn: Connection) -> dict[str, Any]:
    found = inspect(conn)
    rows = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    return {
        name: (
            [{**column, "type": repr(column["type"])} for column in found.get_columns(name)],
            sorted(found.get_foreign_keys(name), key=str),
            sorted(found.get_unique_constraints(name), key=str),
            sorted(found.get_indexes(name), key=str),
            sorted(found.get_check_constraints(name), key=str),
            sql.count("NOCASE"),
        )
        for name, sql in rows
        if name in metadata.tables
    }


async def test_alembic_finds_nothing_left_to_do(engine: AsyncEngine) -> None:
    async with connection(engine, 60) as conn:
        assert await conn.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), metadata)) == []


async def test_migrating_again_changes_nothing(address: str) -> None:
    for _ in range(2):
        await upgrade(address)
    engine = engine_of(address)
    async with connection(engine) as conn:
        assert (await conn.execute(text("SELECT version_num FROM alembic_version"))).all() == [(head(),)]
    await engine.dispose()


async def test_a_database_loaded_from_schema_sql_needs_no_migration(mariadb_database: Database) -> None:
    load_sql(mariadb_database, schema())
    before = described(mariadb_database)
    await upgrade(mariadb_database.url)
    assert described(mariadb_database) == before


async def test_each_revision_can_be_undone_and_done_again(address: str) -> None:
    assert await version(address) is None
    assert await upgrade(address)
    assert await version(address) == head()
    assert await downgrade(address, FIRST) == (head() != FIRST)
    assert await version(address) == FIRST
    assert await upgrade(address) == (head() != FIRST)
    with pytest.raises(UnknownRevision):
        await downgrade(address, "9999")


async def test_processes_that_migrate_at_once_take_turns(mariadb_database: Database) -> None:
    await asyncio.gather(*(upgrade(mariadb_database.url) for _ in range(3)))
    assert mariadb_database.query("SELECT version_num FROM alembic_version") == [(head(),)]


async def test_the_embedded_tables_are_made_from_the_settings(tmp_path: Path) -> None:
    settings = load({"ENERTRACK_DATOS": str(tmp_path / "datos")})
    await upgrade(settings.database_url)
    engine = engine_of(settings.database_url)
    async with connection(engine) as conn:
        assert set(await conn.run_sync(lambda c: inspect(c).get_table_names())) == {*metadata.tables, "alembic_version"}
    await engine.dispose()
