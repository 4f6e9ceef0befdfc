"""Each test of the tables runs on a real MariaDB and on SQLite, in a fresh database brought up by the migrations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import engine_of
from enertrack.stores.migration import upgrade
from tests.support.mariadb import Database


@pytest.fixture(params=["mariadb", "sqlite"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh empty database's address."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'datos' / 'enertrack.db'}"
    database: Database = request.getfixturevalue("mariadb_database")
    return database.url


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that has the tables."""
    await upgrade(address)
    engine = engine_of(address)
    yield engine
    await engine.dispose()
