"""All people and all meters, a page at a time, for who administers: how they are, not what was measured."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import connection
from enertrack.stores.nodes import Node
from enertrack.stores.people import NO_PASSWORD, REMOVED
from enertrack.stores.tables import Role, nodos, segundos_factores, sesiones, usuarios, usuarios_nodos

PAGE: Final = 25
"""Rows of a page."""


class Which(StrEnum):
    """The people that a list may be narrowed to."""

    ALL = ""
    ACTIVE = "activos"
    INACTIVE = "inactivos"
    ADMINISTRATORS = "administradores"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account: ``ultimo_uso`` is of its sessions in force, ``medidores`` counts those in service that it may see."""

    id: int
    nombre_usuario: str
    correo: str | None
    es_admin: bool
    activo: bool
    fecha_registro: datetime
    segundo_factor: bool
    ultimo_uso: datetime | None
    medidores: int


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A node, the names of its owners, and when it last delivered to anybody."""

    node: Node
    owners: Sequence[str]
    ultimo_acceso: datetime | None


class Counts(msgspec.Struct, frozen=True):
    """How many there are: accounts that may sign in, those of them that administer, meters in service."""

    people: int
    administrators: int
    meters: int


_there: Final = ~and_(usuarios.c.nombre_usuario.startswith(REMOVED), usuarios.c.password_hash == NO_PASSWORD)
"""By its name alone somebody could hide: MariaDB takes other letters for the same ones."""
_WHICH: Final[dict[Which, ColumnElement[bool]]] = {
    Which.ACTIVE: usuarios.c.activo,
    Which.INACTIVE: ~usuarios.c.activo,
    Which.ADMINISTRATORS: usuarios.c.es_admin,
}
_NODE: Final = [nodos.c[field] for field in Node.__struct_fields__]


async def counts(engine: AsyncEngine) -> Counts:
    """What an installation has, by number."""
    active = select(func.count()).where(usuarios.c.activo)
    meters = select(func.count()).where(nodos.c.activo)
    query = select(
        active.scalar_subquery(), active.where(usuarios.c.es_admin).scalar_subquery(), meters.scalar_subquery()
    )
    async with connection(engine) as conn:
        return Counts(*(await conn.execute(query)).one())


async def people(
    engine: AsyncEngine, search: str = "", which: Which = Which.ALL, page: int = 1
) -> tuple[list[Person], int]:
    """A page of those whose name or address holds ``search``, by name, and how many there are in all."""
    found = [_there]
    if which in _WHICH:
        found.append(_WHICH[which])
    if search:
        found.append(
            or_(
                *(column.contains(search, autoescape=True) for column in (usuarios.c.nombre_usuario, usuarios.c.correo))
            )
        )
    query = _person().where(*found).order_by(usuarios.c.nombre_usuario)
    async with connection(engine) as conn:
        rows = await conn.execute(_page(query, page))
        shown = [_as_person(row._asdict()) for row in rows]
        total = await conn.scalar(select(func.count()).select_from(usuarios).where(*found))
    return shown, total or 0


async def person(engine: AsyncEngine, user_id: int) -> Person | None:
    """One account, unless its person had it removed."""
    async with connection(engine) as conn:
        row = (await conn.execute(_person().where(_there, usuarios.c.id == user_id))).one_or_none()
    return None if row is None else _as_person(row._asdict())


async def meters(
    engine: AsyncEngine, search: str = "", *, active: bool | None = None, page: int = 1
) -> tuple[list[Placed], int]:
    """A page of the nodes whose name, board or owner ``search`` is part of, by name, and how many there are in all."""
    found: list[ColumnElement[bool]] = [] if active is None else [nodos.c.activo if active else ~nodos.c.activo]
    if search:
        found.append(_named(search))
    query = select(*_NODE).where(*found).order_by(nodos.c.nombre, nodos.c.id)
    async with connection(engine) as conn:
        shown = [Node(**row._asdict()) for row in await conn.execute(_page(query, page))]
        total = await conn.scalar(select(func.count()).select_from(nodos).where(*found))
        ids = [node.id for node in shown]
        link = usuarios_nodos.c
        rows = await conn.execute(
            select(link.nodo_id, link.rol, link.ultimo_acceso, usuarios.c.nombre_usuario)
            .join(usuarios, usuarios.c.id == link.usuario_id)
            .where(link.nodo_id.in_(ids), link.activo)
            .order_by(usuarios.c.nombre_usuario)
        )
        links = rows.all()
    return [_placed(node, [row for row in links if row.nodo_id == node.id]) for node in shown], total or 0


def _placed(node: Node, links: Sequence[Any]) -> Placed:
    return Placed(
        node=node,
        owners=[link.nombre_usuario for link in links if link.rol == Role.PROPIETARIO],
        ultimo_acceso=max((link.ultimo_acceso for link in links if link.ultimo_acceso), default=None),
    )


def _named(search: str) -> ColumnElement[bool]:
    owned = (
        select(usuarios_nodos.c.nodo_id)
        .join(usuarios, usuarios.c.id == usuarios_nodos.c.usuario_id)
        .where(usuarios_nodos.c.nodo_id == nodos.c.id, usuarios_nodos.c.activo)
        .where(usuarios_nodos.c.rol == Role.PROPIETARIO, usuarios.c.nombre_usuario.contains(search, autoescape=True))
    )
    ways = [nodos.c.nombre.contains(search, autoescape=True), exists(owned)]
    if search.isascii():  # MariaDB compares a board with no other alphabet
        ways.append(nodos.c.esp_id.contains(search.upper(), autoescape=True))
    return or_(*ways)


def _person() -> Select[Any]:
    factor, use, link = segundos_factores.c, sesiones.c, usuarios_nodos.c
    used = select(func.max(use.ultimo_uso)).where(use.usuario_id == usuarios.c.id).scalar_subquery()
    theirs = (
        select(func.count())
        .select_from(usuarios_nodos.join(nodos, nodos.c.id == link.nodo_id))
        .where(link.usuario_id == usuarios.c.id, link.activo, nodos.c.activo)
        .scalar_subquery()
    )
    return select(
        *(usuarios.c[name] for name in ("id", "nombre_usuario", "correo", "es_admin", "activo", "fecha_registro")),
        exists().where(factor.usuario_id == usuarios.c.id, factor.confirmado.is_not(None)).label("segundo_factor"),
        used.label("ultimo_uso"),
        theirs.label("medidores"),
    )


def _as_person(values: dict[str, Any]) -> Person:
    return Person(**values | {"segundo_factor": bool(values["segundo_factor"])})


def _page(query: Select[Any], page: int) -> Select[Any]:
    return query.limit(PAGE).offset((page - 1) * PAGE)
