"""Who has a node, and the meters that are part of another one."""

from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.domain.submeters import mains
from enertrack.stores.database import connection
from enertrack.stores.tables import Role, nodos, usuarios, usuarios_nodos


class Circle(Exception):
    """A meter would be part of itself."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One of those who have a node, and since when."""

    usuario_id: int
    nombre_usuario: str
    rol: Role
    fecha_asignacion: datetime | None


async def people(engine: AsyncEngine, node_id: int) -> list[Person]:
    """Those who have a node, the owner first, then by role and name."""
    link = usuarios_nodos.c
    query = (
        select(link.usuario_id, usuarios.c.nombre_usuario, link.rol, link.fecha_asignacion)
        .join(usuarios, usuarios.c.id == link.usuario_id)
        .where(link.nodo_id == node_id, link.activo, usuarios.c.activo)
        .order_by(usuarios.c.nombre_usuario)
    )
    async with connection(engine) as conn:
        found = [Person(**row._asdict()) for row in await conn.execute(query)]
    return sorted(found, key=lambda person: list(Role).index(person.rol))


async def part(engine: AsyncEngine, *, user_id: int, node_id: int) -> bool:
    """Take a node from a person who does not own it; whether they had it. What they had of it is kept."""
    link = usuarios_nodos.c
    theirs = (link.usuario_id == user_id, link.nodo_id == node_id, link.activo, link.rol != Role.PROPIETARIO)
    async with connection(engine) as conn:
        return (await conn.execute(update(usuarios_nodos).where(*theirs).values(activo=False))).rowcount > 0


async def set_parent(conn: AsyncConnection, node_id: int, parent_id: int | None) -> None:
    """Make a node part of another, or of none, in the transaction of ``conn``. Raises Circle."""
    # All rows are locked, in one order: two that are linked to each other at once would not see each other's link.
    links = select(nodos.c.id, nodos.c.padre_id).order_by(nodos.c.id).with_for_update()
    parents: dict[int, int] = {row.id: row.padre_id for row in await conn.execute(links) if row.padre_id is not None}
    if parent_id is not None and node_id in {parent_id, *mains(parents, parent_id)}:
        raise Circle
    await conn.execute(update(nodos).where(nodos.c.id == node_id).values(padre_id=parent_id))
