"""Brings the tables of a database to this program's form, by the revisions in ``enertrack.migrations``."""

from collections.abc import Callable
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection

from enertrack.stores.database import connection, engine_of
from enertrack.stores.states import advisory_lock

LIMIT_S: Final = 3600.0
"""A revision may rewrite a large table."""
WAIT_S: Final = 600
"""Seconds that a second process waits for the first to finish."""


class UnknownRevision(Exception):
    """This program has no revision of that name."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "enertrack:migrations")
    return config


def head() -> str:
    """The newest revision."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def knows(revision: str) -> bool:
    """Whether this program can bring tables of that revision up."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


async def upgrade(address: str | URL) -> bool:
    """Run the revisions that a database lacks, one process at a time; whether there were any. Raises DatabaseAway."""
    return await _run(address, command.upgrade, "head")


async def downgrade(address: str | URL, revision: str) -> bool:
    """Undo the revisions after that one; whether there were any. Raises DatabaseAway, UnknownRevision."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError as error:
        raise UnknownRevision(revision) from error
    return await _run(address, command.downgrade, revision)


async def version(address: str | URL) -> str | None:
    """The revision that a database is at, None where it has no tables. Raises DatabaseAway."""
    engine = engine_of(address)
    try:
        async with connection(engine) as conn:
            return await conn.run_sync(_revision)
    finally:
        await engine.dispose()


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


async def _run(address: str | URL, do: Callable[[Config, str], None], revision: str) -> bool:
    engine = engine_of(address, LIMIT_S)
    try:
        async with advisory_lock(engine, "migraciones", WAIT_S), connection(engine, LIMIT_S) as conn:
            return await conn.run_sync(_move, do, revision)
    finally:
        await engine.dispose()


def _move(conn: Connection, do: Callable[[Config, str], None], revision: str) -> bool:
    config = _config()
    config.attributes["connection"] = conn
    before = _revision(conn)
    do(config, revision)
    return _revision(conn) != before
