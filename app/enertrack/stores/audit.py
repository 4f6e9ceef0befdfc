"""What happened that somebody may ask about later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import connection, within
from enertrack.stores.tables import auditoria, nodos, usuarios

PAGE: Final = 50
"""Events of a page."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What ``usuario`` (a name; None: the console, or nobody known) did, to a meter where it was to one."""

    id: int
    momento: datetime
    accion: str
    usuario: str | None
    nodo: str | None
    esp_id: str | None
    direccion: str | None
    detalle: dict[str, Any] | None


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: what is None is not asked for. ``since`` and ``until`` bound a half-open span."""

    accion: str | None = None
    usuario: str | None = None
    esp_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def record(  # noqa: PLR0913 - who, what, when, where from
    place: AsyncEngine | AsyncConnection,
    accion: str,
    *,
    momento: datetime,
    usuario_id: int | None = None,
    nodo_id: int | None = None,
    direccion: str | None = None,
    detalle: Mapping[str, Any] | None = None,
) -> None:
    """Keep one event, never with a secret in it. ``detalle`` is stored as JSON."""
    row = {
        "accion": accion,
        "momento": momento,
        "usuario_id": usuario_id,
        "nodo_id": nodo_id,
        "direccion": direccion,
        "detalle": None if detalle is None else dict(detalle),
    }
    async with within(place) as conn:
        await conn.execute(insert(auditoria).values(row))


async def events(engine: AsyncEngine, sought: Sought, before: int | None = None) -> list[Event]:
    """At most a page of events, the newest first, older than the one whose id is ``before``."""
    query = (
        select(
            auditoria.c.id,
            auditoria.c.momento,
            auditoria.c.accion,
            auditoria.c.direccion,
            auditoria.c.detalle,
            usuarios.c.nombre_usuario.label("usuario"),
            nodos.c.nombre.label("nodo"),
            nodos.c.esp_id,
        )
        .outerjoin(usuarios, usuarios.c.id == auditoria.c.usuario_id)
        .outerjoin(nodos, nodos.c.id == auditoria.c.nodo_id)
        .where(*_wanted(sought), *([auditoria.c.id < before] if before is not None else []))
        .order_by(auditoria.c.id.desc())
        .limit(PAGE)
    )
    async with connection(engine) as conn:
        return [Event(**row._asdict()) for row in await conn.execute(query)]


def _wanted(sought: Sought) -> list[ColumnElement[bool]]:
    ways = {
        "accion": auditoria.c.accion.__eq__,
        "usuario": usuarios.c.nombre_usuario.__eq__,
        "esp_id": nodos.c.esp_id.__eq__,
        "since": auditoria.c.momento.__ge__,
        "until": auditoria.c.momento.__lt__,
    }
    values = msgspec.structs.asdict(sought)
    return [way(values[name]) for name, way in ways.items() if values[name] is not None]
