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
NOTHING: Final = ""
QUOTE: Final = "'"

GRANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "web": {
        "Usuarios": "SELECT, UPDATE",
        "Nodos": READ,
        "UsuariosNodos": READ,
        "Sesiones": "SELECT, INSERT, UPDATE, DELETE",
        "Auditoria": "INSERT",
        "UmbralesNodo": NOTHING,
        "Avisos": NOTHING,
        "TokensApi": NOTHING,
        "CodigosVinculacion": NOTHING,
        "Invitaciones": NOTHING,
        "Firmwares": NOTHING,
        "EstadoSistema": NOTHING,
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
        "Firmwares": NOTHING,
        "EstadoSistema": KEEP,
    },
    "doctor": {"Nodos": READ, "EstadoSistema": READ, "alembic_version": READ},
    "backup": dict.fromkeys((*metadata.tables, "alembic_version"), "SELECT, SHOW VIEW, TRIGGER")
    | {"EstadoSistema": "SELECT, INSERT, UPDATE, SHOW VIEW, TRIGGER"},
}


class _Right(msgspec.Struct, frozen=True, order=True):
    user: str
    host: str
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
    wanted = {r for user, host in accounts for r in _wanted(user, host) if r.table in tables}
    present = {r for user, host in accounts for r in await _present(conn, user, host)}
    for right in sorted(present - wanted):
        await conn.exec_driver_sql(_statement("REVOKE", right, database, "FROM"))
    for right in sorted(wanted - present):
        await conn.exec_driver_sql(_statement("GRANT", right, database, "TO"))
    return len(present ^ wanted)


def _wanted(user: str, host: str) -> Iterator[_Right]:
    for table, privileges in GRANTS[user.removeprefix(PREFIX)].items():
        for privilege in filter(None, privileges.split(", ")):
            yield _Right(user, host, table, privilege)


async def _accounts(conn: AsyncConnection) -> list[tuple[str, str]]:
    query = text("SELECT User, Host FROM mysql.user WHERE User IN :names").bindparams(
        bindparam("names", expanding=True)
    )
    rows = await conn.execute(query, {"names": [PREFIX + process for process in GRANTS]})
    return [(user, host) for user, host in rows]


async def _tables(conn: AsyncConnection) -> set[str]:
    query = text("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return set((await conn.execute(query)).scalars())


async def _present(conn: AsyncConnection, user: str, host: str) -> list[_Right]:
    query = text(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = DATABASE() AND grantee = :grantee"
    )
    rows = await conn.execute(query, {"grantee": f"'{user}'@'{host}'"})
    return [_Right(user, host, table, privilege) for table, privilege in rows]


def _statement(verb: str, right: _Right, database: str, to: str) -> str:
    table = f"`{_doubled(database, '`')}`.`{_doubled(right.table, '`')}`"
    account = f"'{_doubled(right.user, QUOTE)}'@'{_doubled(right.host, QUOTE)}'"
    return f"{verb} {right.privilege} ON {table} {to} {account}".replace("%", "%%")


def _doubled(name: str, mark: str) -> str:
    return name.replace(mark, mark * 2)
