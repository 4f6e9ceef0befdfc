"""Each test of the tables runs on a real MariaDB and on SQLite, on empty tables brought up by the migrations."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import engine_of, transaction
from enertrack.stores.migration import upgrade
from enertrack.stores.tables import metadata, nodos
from tests.support.mariadb import Database, MariaDB


@pytest.fixture(params=["mariadb", "sqlite"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh empty database's address."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'datos' / 'enertrack.db'}"
    database: Database = request.getfixturevalue("mariadb_database")
    return database.url


@pytest.fixture(scope="session")
def mariadb_tables(mariadb_server: MariaDB) -> str:
    """The address of a database that has the tables, made once."""
    mariadb_server.create("tablas")
    asyncio.run(upgrade(mariadb_server.url("tablas")))
    return mariadb_server.url("tablas")


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a file that has the tables, made once."""
    address = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('tablas') / 'enertrack.db'}"
    asyncio.run(upgrade(address))
    return address


@pytest.fixture(params=["mariadb_tables", "sqlite_tables"], ids=["mariadb", "sqlite"])
def with_tables(request: pytest.FixtureRequest) -> str:
    """The address of a database that has the tables."""
    address: str = request.getfixturevalue(request.param)
    return address


@pytest.fixture
async def engine(with_tables: str) -> AsyncIterator[AsyncEngine]:
    """An engine on empty tables."""
    engine = engine_of(with_tables)
    async with transaction(engine, 60) as conn:
        await conn.execute(update(nodos).values(padre_id=None))
        for table in reversed(metadata.sorted_tables):
            await conn.execute(delete(table))
    yield engine
    await engine.dispose()
