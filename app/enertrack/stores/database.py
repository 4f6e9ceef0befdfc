"""The way to the tables: an engine, bounded connections, and one name for a database that cannot be used now."""

import asyncio
import sqlite3
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiomysql
from pymysql.constants import CLIENT, CR
from sqlalchemy import Insert, Table, event, insert
from sqlalchemy import exc as sql
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.asyncio import create_async_engine as _create
from sqlalchemy.pool import ConnectionPoolEntry

from enertrack.domain.text import text as _

if TYPE_CHECKING:
    from enertrack.settings import Settings

LIMIT_S: Final = 5.0
"""Seconds after which a piece of work on the tables is given up."""
CONNECT_S: Final = 3
POOL: Final = 10
"""Connections that are kept: one more would be made and given up for each page."""
RECYCLE_S: Final = 3600

_SERVER_SAYS_NO: Final = frozenset(
    {
        1040,  # too many connections
        1044,  # access to the database denied
        1045,  # access denied
        1049,  # no such database
        1053,  # server shutdown in progress
        1129,  # host blocked
        1130,  # host not allowed
        1146,  # no such table
        1158,  # network error while reading
        1159,  # time-out while reading
        1160,  # network error while writing
        1161,  # time-out while writing
        1203,  # too many connections of this user
        1205,  # lock wait time-out
        1213,  # deadlock
        1290,  # read-only
        1317,  # query interrupted
        1698,  # access denied, unix_socket
        1836,  # read-only mode
        1969,  # max_statement_time
        2002,  # cannot connect through the socket
        2003,  # cannot connect
        2005,  # unknown host
        CR.CR_SSL_CONNECTION_ERROR,
    }
)
_MENDS: Final = {
    1044: _("la cuenta MYSQL_USER no llega a MYSQL_DB"),
    1045: _("MariaDB no acepta MYSQL_USER o MYSQL_PASSWORD"),
    1049: _("no existe MYSQL_DB"),
    1146: _("faltan las tablas: ejecute `enertrack db upgrade`"),
    1698: _("MariaDB no acepta MYSQL_USER por su socket"),
    CR.CR_SSL_CONNECTION_ERROR: _("MariaDB no muestra un certificado de ENERTRACK_MYSQL_CA para MYSQL_HOST"),
}
"""What only a person can mend."""
_SQLITE_SAYS_NO: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)
_DUPLICATE: Final = 1062
_SQLITE_DUPLICATE: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class DatabaseAway(Exception):
    """The database cannot be reached, is overloaded or refuses us; nothing is known of what was under way."""


class Taken(Exception):
    """What must be unique exists already."""


def create_engine(settings: "Settings", limit_s: float = LIMIT_S) -> AsyncEngine:
    """The engine of ``settings``; it connects when first used. ``limit_s`` bounds each statement at the server."""
    return engine_of(settings.database_url, limit_s)


def engine_of(address: str | URL, limit_s: float = LIMIT_S) -> AsyncEngine:
    """An engine whose statements stand alone (autocommit), for ``mysql+aiomysql`` or ``sqlite+aiosqlite``.

    ``ssl_ca`` in the address names the file of the authority that must have signed MariaDB's certificate.
    """
    url = make_url(address)
    common: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": POOL,
        "max_overflow": 0,
        "skip_autocommit_rollback": True,  # a statement that stands alone leaves nothing to undo; see transaction()
    }
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = _create(url, connect_args={"timeout": limit_s / 2}, **common)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return engine
    session = {
        "time_zone": "'+00:00'",
        "sql_mode": "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
        "max_statement_time": f"{limit_s:g}",
        "innodb_lock_wait_timeout": f"{max(1, limit_s / 2):.0f}",
        "lock_wait_timeout": f"{max(1, limit_s / 2):.0f}",
    }
    start = "SET " + ", ".join(f"{name}={value}" for name, value in session.items())
    arguments = {"connect_timeout": CONNECT_S, "init_command": start, "async_creator_fn": _connected}
    if authority := url.query.get("ssl_ca"):
        arguments["ssl"] = ssl.create_default_context(cafile=str(authority))
        url = url.difference_update_query(["ssl_ca"])
    if url.password:  # aiomysql sends it as Latin-1 where MariaDB's own tools, which set it, send UTF-8
        url = url.set(password=url.password.encode().decode("latin-1"))
    return _create(url, connect_args=arguments, pool_pre_ping=True, pool_recycle=RECYCLE_S, **common)


class _Connection(aiomysql.Connection):
    """One that ends where TLS was asked for and the server has none: aiomysql's own would go on in clear."""

    async def _request_authentication(self) -> None:
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            raise aiomysql.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "the server offers no TLS")
        await super()._request_authentication()  # type: ignore[no-untyped-call]


async def _connected(**arguments: object) -> object:
    """A connection to MariaDB that is closed where it is given up half-way, as aiomysql's own connect does not."""
    kind: Any = _Connection
    made = kind(**arguments)
    try:
        await made.ping(reconnect=True)
    except aiomysql.OperationalError as error:
        made.close()
        if isinstance(error.__cause__, ssl.SSLError):
            raise aiomysql.OperationalError(CR.CR_SSL_CONNECTION_ERROR, str(error.__cause__)) from error
        raise
    except BaseException:
        made.close()
        raise
    return made


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@asynccontextmanager
async def guard(limit_s: float = LIMIT_S) -> AsyncIterator[None]:
    """Work on the database, given up after ``limit_s``; raises DatabaseAway or Taken for what it answers."""
    try:
        async with asyncio.timeout(limit_s):
            yield
    except sql.DBAPIError as error:
        raise _named(error) from error
    except sql.PendingRollbackError as error:
        message = _("la conexión se perdió")
        raise DatabaseAway(message) from error
    except sql.TimeoutError as error:
        message = _("todas las conexiones están ocupadas")
        raise DatabaseAway(message) from error
    except TimeoutError as error:
        message = _("sin respuesta en %(seconds)s s", seconds=f"{limit_s:g}")
        raise DatabaseAway(message) from error
    except OSError as error:
        raise DatabaseAway(str(error)) from error


def _named(error: sql.DBAPIError) -> Exception:
    """What the database's answer means to us; itself where it is a mistake of ours."""
    original: Any = error.orig
    if isinstance(original, sqlite3.Error):
        number = getattr(original, "sqlite_errorcode", 0)
        away, taken = number & 0xFF in _SQLITE_SAYS_NO, number in _SQLITE_DUPLICATE
    else:
        number = next((a for a in original.args if isinstance(a, int)), 0)
        # "Packet sequence number wrong" (no number) is how aiomysql sees a server that refused the connection.
        away = error.connection_invalidated or number in _SERVER_SAYS_NO or isinstance(error, sql.InternalError)
        away, taken = away or isinstance(error, sql.InterfaceError), number == _DUPLICATE
    if taken:
        return Taken(str(original))
    told = _("%(mend)s: %(told)s", mend=_MENDS[number], told=original) if number in _MENDS else str(original)
    return DatabaseAway(told) if away else error


@asynccontextmanager
async def connection(engine: AsyncEngine, limit_s: float = LIMIT_S) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements stand alone. Raises DatabaseAway, Taken."""
    async with guard(limit_s), engine.connect() as conn:
        yield conn


@asynccontextmanager
async def within(place: AsyncEngine | AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """The connection that is given, whose transaction this is part of, or one of the engine's."""
    if isinstance(place, AsyncConnection):
        yield place
    else:
        async with connection(place) as conn:
            yield conn


async def ping(engine: AsyncEngine, limit_s: float = LIMIT_S) -> None:
    """Answer when the server does. Raises DatabaseAway."""
    async with connection(engine, limit_s) as conn:
        await conn.exec_driver_sql("SELECT 1")


@asynccontextmanager
async def transaction(engine: AsyncEngine, limit_s: float = LIMIT_S) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements hold together or not at all. Raises DatabaseAway, Taken.

    SQLite takes its one writer's place at the beginning, so that nobody fails half-way for want of it. What is not
    committed is undone by the end of its connection.
    """
    async with connection(engine, limit_s) as conn:
        try:
            await conn.exec_driver_sql("BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "START TRANSACTION")
            yield conn
            await conn.exec_driver_sql("COMMIT")
        except BaseException:
            await conn.invalidate()
            raise


async def new_row(conn: AsyncConnection, table: Table, row: Mapping[str, Any]) -> int:
    """The id that the server gives to a new row."""
    key = (await conn.execute(insert(table).values(row))).inserted_primary_key
    assert key is not None
    return int(key[0])


def upsert(engine: AsyncEngine | AsyncConnection, table: Table, update: Iterable[str]) -> Insert:
    """An INSERT that overwrites the columns ``update`` of the row that has the same primary key."""
    if engine.dialect.name == "sqlite":
        lite = sqlite.insert(table)
        return lite.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={name: lite.excluded[name] for name in update}
        )
    maria = mysql.insert(table)
    return maria.on_duplicate_key_update({name: maria.inserted[name] for name in update})
