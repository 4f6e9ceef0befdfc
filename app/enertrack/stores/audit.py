"""What happened that somebody may ask about later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import within
from enertrack.stores.tables import auditoria


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
