"""What happens to a person's account in several tables at once."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores import sessions, users
from enertrack.stores.database import transaction
from enertrack.stores.tables import (
    Role,
    claves_olvidadas,
    codigos_recuperacion,
    invitaciones,
    nodos,
    segundos_factores,
    tokens_api,
    usuarios,
    usuarios_nodos,
)

REMOVED: Final = "eliminado-"
"""How the name of an account begins whose person went; nobody else may be called so."""
NO_PASSWORD: Final = "!"  # noqa: S105 - the hash of none


class OnlyOwner(Exception):
    """Meters, named in ``args``, would belong to nobody."""


class LastAdministrator(Exception):
    """Nobody could administer the installation any more."""


async def replace_password(conn: AsyncConnection, user_id: int, password_hash: str, keep: str | None = None) -> None:
    """Another password: links to choose one are worth nothing any more, and sessions end but for that of ``keep``."""
    await users.set_password_hash(conn, user_id, password_hash)
    await conn.execute(delete(claves_olvidadas).where(claves_olvidadas.c.usuario_id == user_id))
    await sessions.end_all(conn, user_id, keep)


async def set_active(engine: AsyncEngine, user_id: int, *, active: bool) -> None:
    """Let a person in, or shut them out at once. Raises LastAdministrator."""
    async with transaction(engine) as conn:
        if not active:
            await _another_administers(conn, user_id)
            await sessions.end_all(conn, user_id)
        await users.change(conn, user_id, activo=active)


async def set_admin(engine: AsyncEngine, user_id: int, *, admin: bool) -> None:
    """Let a person administer, or no more; they sign in anew. Raises LastAdministrator."""
    async with transaction(engine) as conn:
        if not admin:
            await _another_administers(conn, user_id)
        await sessions.end_all(conn, user_id)
        await users.change(conn, user_id, es_admin=admin)


async def remove(engine: AsyncEngine, user_id: int, now: datetime) -> None:
    """Leave of an account what the history of others needs, and nothing of its person.

    Raises OnlyOwner, LastAdministrator, nothing being done.
    """
    async with transaction(engine) as conn:
        await _another_administers(conn, user_id)
        await users.held(conn, user_id)
        if alone := await _owned_alone(conn, user_id):
            raise OnlyOwner(*alone)
        await users.change(
            conn,
            user_id,
            nombre_usuario=await _name_of_nobody(conn, user_id),
            password_hash=NO_PASSWORD,
            correo=None,
            telegram_chat_id=None,
            telegram_vinculado=None,
            es_admin=False,
            activo=False,
        )
        await sessions.end_all(conn, user_id)
        for table in (claves_olvidadas, segundos_factores, codigos_recuperacion):
            await conn.execute(delete(table).where(table.c.usuario_id == user_id))
        await _end(conn, tokens_api, user_id, revocado=now)
        await _end(conn, usuarios_nodos, user_id, activo=False)
        await _forget_invitations(conn, user_id, now)


async def _name_of_nobody(conn: AsyncConnection, user_id: int) -> str:
    """What an account is called whose person went; another where somebody else is called like that."""
    name = f"{REMOVED}{user_id}"
    query = select(usuarios.c.id).where(usuarios.c.nombre_usuario == name, usuarios.c.id != user_id)
    return name if (await conn.execute(query)).first() is None else f"{name}-{token_hex(4)}"


async def _end(conn: AsyncConnection, table: Table, user_id: int, **values: object) -> None:
    await conn.execute(update(table).where(table.c.usuario_id == user_id).values(values))


async def _forget_invitations(conn: AsyncConnection, user_id: int, now: datetime) -> None:
    made = invitaciones.c
    still = (made.invitado_por == user_id, made.aceptada.is_(None), made.revocada.is_(None))
    await conn.execute(update(invitaciones).where(*still).values(revocada=now))
    await conn.execute(update(invitaciones).where(made.aceptada_por == user_id).values(correo=None))


async def _another_administers(conn: AsyncConnection, user_id: int) -> None:
    """Raises LastAdministrator where only that person administers; nobody else ceases to before this has ended."""
    active = (usuarios.c.es_admin, usuarios.c.activo)
    found = (await conn.execute(select(usuarios.c.id).where(*active).with_for_update())).scalars().all()
    if list(found) == [user_id]:
        raise LastAdministrator


async def _owned_alone(conn: AsyncConnection, user_id: int) -> Sequence[str]:
    """Names of the meters in service that nobody else owns."""
    link = usuarios_nodos.c
    owned = select(link.nodo_id).where(link.usuario_id == user_id, link.rol == Role.PROPIETARIO, link.activo)
    ids = (await conn.execute(owned.with_for_update())).scalars().all()
    owners = (
        select(link.nodo_id, func.count().label("owners"))
        .join(usuarios, usuarios.c.id == link.usuario_id)
        .where(link.nodo_id.in_(ids), link.rol == Role.PROPIETARIO, link.activo, usuarios.c.activo)
        .group_by(link.nodo_id)
        .subquery()
    )
    query = select(nodos.c.nombre).join(owners, owners.c.nodo_id == nodos.c.id)
    query = query.where(nodos.c.activo, owners.c.owners == 1).order_by(nodos.c.nombre)
    return (await conn.execute(query)).scalars().all()
