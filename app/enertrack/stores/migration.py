"""Brings the tables of a database to this program's form, by the revisions in ``enertrack.migrations``."""

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection

from enertrack.stores.database import connection, engine_of
from enertrack.stores.states import advisory_lock

LIMIT_S: Final = 3600.0
"""A revision may rewrite a large table."""
WAIT_S: Final = 600
"""Seconds that a second process waits for the first to finish."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "enertrack:migrations")
    return config


def head() -> str:
    """The newest revision."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


async def upgrade(address: str | URL) -> None:
    """Run the revisions that a database lacks, one process at a time. Raises DatabaseAway."""
    engine = engine_of(address, LIMIT_S)
    try:
        async with advisory_lock(engine, "migraciones", WAIT_S), connection(engine, LIMIT_S) as conn:
            await conn.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(conn: Connection) -> None:
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
