"""Which process may do what on which table of MariaDB, and nothing more.

Accounts are made by the role mariadb, ``enertrack-<process>``; the ones that do not exist are passed over.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from sqlalchemy import URL, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from enertrack.stores.database import connection, engine_of
from enertrack.stores.tables import metadata

LIMIT_S: Final = 60.0
PREFIX: Final = "enertrack-"
READ: Final = "SELECT"
KEEP: Final = "SELECT, INSERT, UPDATE"
ALL: Final = "SELECT, INSERT, UPDATE, DELETE"
NOTHING: Final = ""
QUOTE: Final = "'"

GRANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "web": {
        "Usuarios": KEEP,
        "Nodos": KEEP,
        "UsuariosNodos": KEEP,
        "Sesiones": ALL,
        "Auditoria": "SELECT, INSERT",
        "UmbralesNodo": NOTHING,
        "Avisos": NOTHING,
        "TokensApi": KEEP,
        "CodigosVinculacion": NOTHING,
        "Invitaciones": KEEP,
        "ClavesOlvidadas": ALL,
        "SegundosFactores": ALL,
        "CodigosRecuperacion": ALL,
        "Firmwares": NOTHING,
        "EstadoSistema": READ,
    },
    "ingest": {
        "Usuarios": NOTHING,
        "Nodos": "SELECT, UPDATE",
        "UsuariosNodos": "SELECT, UPDATE",
        "Sesiones": NOTHING,
        "Auditoria": "INSERT",
        "UmbralesNodo": NOTHING,
        "Avisos": NOTHING,
        "TokensApi": NOTHING,
        "CodigosVinculacion": NOTHING,
        "Invitaciones": NOTHING,
        "ClavesOlvidadas": NOTHING,
        "SegundosFactores": NOTHING,
        "CodigosRecuperacion": NOTHING,
        "Firmwares": NOTHING,
        "EstadoSistema": KEEP,
    },
    "doctor": {"Nodos": READ, "UsuariosNodos": READ, "EstadoSistema": READ, "alembic_version": READ},
    "backup": dict.fromkeys((*metadata.tables, "alembic_version"), "SELECT, SHOW VIEW, TRIGGER")
    | {"EstadoSistema": "SELECT, INSERT, UPDATE, SHOW VIEW, TRIGGER"},
}


TRIAL: Final[Mapping[str, str]] = {
    "backup": "SELECT, INSERT, CREATE, DROP, ALTER, INDEX, REFERENCES, SHOW VIEW, TRIGGER",
}
"""What a process may do in the database in which copies are tried, ``<database>_ensayo``."""
WHOLE: Final = "*"


class _Right(msgspec.Struct, frozen=True, order=True):
    user: str
    host: str
    database: str
    table: str
    privilege: str


async def grant(address: str | URL) -> int:
    """Give each account that exists exactly its rights; the number of rights given or taken. Raises DatabaseAway."""
    engine = engine_of(address, LIMIT_S)
    try:
        async with connection(engine, LIMIT_S) as conn:
            return await _settle(conn, engine.url.database or "")
    finally:
        await engine.dispose()


async def _settle(conn: AsyncConnection, database: str) -> int:
    accounts, tables = await _accounts(conn), await _tables(conn)
    wanted = {r for user, host in accounts for r in _wanted(user, host, database) if r.table in {WHOLE, *tables}}
    present = {r for user, host in accounts for r in await _present(conn, user, host, database)}
    for right in sorted(present - wanted):
        await conn.exec_driver_sql(_statement("REVOKE", right, "FROM"))
    for right in sorted(wanted - present):
        await conn.exec_driver_sql(_statement("GRANT", right, "TO"))
    return len(present ^ wanted)


def _wanted(user: str, host: str, database: str) -> Iterator[_Right]:
    process = user.removeprefix(PREFIX)
    for table, privileges in GRANTS[process].items():
        for privilege in filter(None, privileges.split(", ")):
            yield _Right(user, host, database, table, privilege)
    for privilege in filter(None, TRIAL.get(process, NOTHING).split(", ")):
        yield _Right(user, host, _trial(database), WHOLE, privilege)


def _trial(database: str) -> str:
    # In the name of a whole database an underscore stands for any character.
    return f"{database}_ensayo".replace("_", r"\_").replace("%", r"\%")


async def _accounts(conn: AsyncConnection) -> list[tuple[str, str]]:
    query = text("SELECT User, Host FROM mysql.user WHERE User IN :names").bindparams(
        bindparam("names", expanding=True)
    )
    rows = await conn.execute(query, {"names": [PREFIX + process for process in GRANTS]})
    return [(user, host) for user, host in rows]


async def _tables(conn: AsyncConnection) -> set[str]:
    query = text("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return set((await conn.execute(query)).scalars())


async def _present(conn: AsyncConnection, user: str, host: str, database: str) -> list[_Right]:
    query = text(
        "SELECT table_schema, table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = :database AND grantee = :grantee UNION ALL"
        " SELECT table_schema, '*', privilege_type FROM information_schema.schema_privileges"
        " WHERE table_schema = :trial AND grantee = :grantee"
    )
    names = {"database": database, "trial": _trial(database), "grantee": f"'{user}'@'{host}'"}
    return [_Right(user, host, *row) for row in await conn.execute(query, names)]


def _statement(verb: str, right: _Right, to: str) -> str:
    table = WHOLE if right.table == WHOLE else f"`{_doubled(right.table, '`')}`"
    account = f"'{_doubled(right.user, QUOTE)}'@'{_doubled(right.host, QUOTE)}'"
    place = f"`{_doubled(right.database, '`')}`.{table}"
    return f"{verb} {right.privilege} ON {place} {to} {account}".replace("%", "%%")


def _doubled(name: str, mark: str) -> str:
    return name.replace(mark, mark * 2)
