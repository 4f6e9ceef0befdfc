"""Invitations: to share a node, to hand it over, or to make an account; a token in a link, its SHA-256 here.

Who has the link may use it once. One that is about a node holds while who sent it owns that node.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores import users
from enertrack.stores.database import connection, within
from enertrack.stores.nodes import link_user
from enertrack.stores.tables import Role, invitaciones, nodos, usuarios, usuarios_nodos

LIFE: Final = timedelta(days=7)
TOKEN_BYTES: Final = 32


class Closed(Exception):
    """The invitation does not exist, was used or withdrawn, has run out, or is one's own."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered by whom (``invitador``, a user name); without ``nodo_id`` only an account.

    ``con_historia``: with what was measured before; ``correo`` is where the link was sent to.
    """

    id: int
    rol: Role
    con_historia: bool
    correo: str | None
    creada: datetime
    vence: datetime
    invitado_por: int
    invitador: str
    nodo_id: int | None
    nodo: str | None
    esp_id: str | None


_COLUMNS: Final = [
    *(invitaciones.c[f] for f in ("id", "rol", "con_historia", "correo", "creada", "vence", "invitado_por", "nodo_id")),
    usuarios.c.nombre_usuario.label("invitador"),
    nodos.c.nombre.label("nodo"),
    nodos.c.esp_id,
]
_senders = usuarios_nodos.alias("de_quien_invita")


async def create(  # noqa: PLR0913 - what an invitation offers
    place: AsyncEngine | AsyncConnection,
    *,
    invited_by: int,
    now: datetime,
    node_id: int | None = None,
    rol: Role = Role.LECTOR,
    con_historia: bool = True,
    correo: str | None = None,
) -> str:
    """The token of a new invitation, which is kept nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "codigo_sha256": _hashed(token),
        "nodo_id": node_id,
        "invitado_por": invited_by,
        "rol": rol,
        "con_historia": con_historia,
        "correo": correo,
        "creada": now,
        "vence": now + LIFE,
    }
    async with within(place) as conn:
        await conn.execute(insert(invitaciones).values(row))
    return token


async def find(engine: AsyncEngine, token: str, now: datetime) -> Invitation | None:
    """The invitation of a token, if it can still be accepted."""
    async with connection(engine) as conn:
        row = (await conn.execute(_open(now).where(invitaciones.c.codigo_sha256 == _hashed(token)))).one_or_none()
    return None if row is None else Invitation(**row._asdict())


async def of_node(engine: AsyncEngine, node_id: int | None, now: datetime) -> list[Invitation]:
    """The invitations to a node (None: to an account) that can still be accepted, the newest first."""
    query = _open(now).where(invitaciones.c.nodo_id == node_id).order_by(invitaciones.c.id.desc())
    async with connection(engine) as conn:
        return [Invitation(**row._asdict()) for row in await conn.execute(query)]


async def revoke(engine: AsyncEngine, number: int, node_id: int | None, now: datetime) -> bool:
    """Withdraw one of the invitations to that node (None: to an account); whether it was open."""
    async with connection(engine) as conn:
        return await _withdraw(conn, now, invitaciones.c.id == number, invitaciones.c.nodo_id == node_id) > 0


async def accept(conn: AsyncConnection, token: str, *, user_id: int, now: datetime) -> Invitation:
    """Use an invitation up for a person and give them what it offers, in the transaction of ``conn``.

    A node that is handed over is nobody else's any more: who had it, had it shared or was invited to it loses that.
    Nobody loses by accepting what they had before. Raises Closed, nothing being changed.
    """
    mine = invitaciones.c.codigo_sha256 == _hashed(token)
    # The rows are locked, the person's first, who cannot go meanwhile, then the node's: of two who accept at once, the
    # second waits, and finds it used or the node no longer the sender's.
    if not await users.held(conn, user_id):
        raise Closed
    node = select(invitaciones.c.nodo_id).where(mine).scalar_subquery()
    await conn.execute(select(nodos.c.id).where(nodos.c.id == node).with_for_update())
    query = _open(now).add_columns(_senders.c.desde).where(mine, invitaciones.c.invitado_por != user_id)
    row = (await conn.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise Closed
    values = row._asdict()
    sender_sees_from = values.pop("desde")
    found = Invitation(**values)
    await conn.execute(update(invitaciones).where(mine).values(aceptada=now, aceptada_por=user_id))
    if found.nodo_id is not None:
        desde = sender_sees_from if found.con_historia else now
        await _join(conn, found.nodo_id, user_id, found.rol, desde)
        if found.rol is Role.PROPIETARIO:
            await _part(conn, found.nodo_id, user_id, now)
    return found


def _open(now: datetime) -> Select[Any]:
    link = _senders.c
    joined = (
        invitaciones.join(usuarios, usuarios.c.id == invitaciones.c.invitado_por)
        .outerjoin(nodos, nodos.c.id == invitaciones.c.nodo_id)
        .outerjoin(_senders, and_(link.nodo_id == nodos.c.id, link.usuario_id == invitaciones.c.invitado_por))
    )
    theirs = and_(nodos.c.activo, link.activo, link.rol == Role.PROPIETARIO)
    return (
        select(*_COLUMNS)
        .select_from(joined)
        .where(*_UNUSED, invitaciones.c.vence > now, usuarios.c.activo)
        .where(or_(invitaciones.c.nodo_id.is_(None), theirs))
    )


async def _join(conn: AsyncConnection, node_id: int, user_id: int, rol: Role, desde: datetime | None) -> None:
    """Give a role, and what was measured from ``desde`` on, to who may have more of either already."""
    link = usuarios_nodos.c
    query = select(link.rol, link.desde, link.ubicacion).where(link.usuario_id == user_id, link.nodo_id == node_id)
    had = (await conn.execute(query.where(link.activo).with_for_update())).one_or_none()
    place = None
    if had is not None:
        rol = had.rol if had.rol.allows(rol) else rol
        desde = None if desde is None or had.desde is None else min(desde, had.desde)
        place = had.ubicacion
    await link_user(conn, user_id=user_id, node_id=node_id, rol=rol, ubicacion=place, desde=desde)


async def _part(conn: AsyncConnection, node_id: int, owner_id: int, now: datetime) -> None:
    """Take a node from everybody but its new owner, with the invitations to it and its place among other meters."""
    link = usuarios_nodos.c
    others = update(usuarios_nodos).where(link.nodo_id == node_id, link.usuario_id != owner_id)
    await conn.execute(others.values(activo=False))
    await _withdraw(conn, now, invitaciones.c.nodo_id == node_id)
    related = or_(nodos.c.id == node_id, nodos.c.padre_id == node_id)
    await conn.execute(update(nodos).where(related).values(padre_id=None))


async def _withdraw(conn: AsyncConnection, now: datetime, *which: ColumnElement[bool]) -> int:
    return (await conn.execute(update(invitaciones).where(*which, *_UNUSED).values(revocada=now))).rowcount


_UNUSED: Final = (invitaciones.c.aceptada.is_(None), invitaciones.c.revocada.is_(None))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
