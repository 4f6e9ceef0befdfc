"""What people did, kept with who, when and where from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from quart import g, request
from sqlalchemy.ext.asyncio import AsyncConnection

from enertrack.stores import audit
from enertrack.stores.meters import Author
from enertrack.web.services import services

MAX_ADDRESS: Final = 45


def present() -> datetime:
    """The pages' clock."""
    return datetime.fromtimestamp(services().now(), UTC)


def address() -> str:
    """Where the request came from."""
    return (request.remote_addr or "")[:MAX_ADDRESS]


def author() -> Author:
    """Who asks, for what keeps its own record."""
    return Author(present(), g.user.id if g.get("user") else None, address())


async def record(
    action: str,
    *,
    usuario_id: int | None = None,
    nodo_id: int | None = None,
    detalle: Mapping[str, Any] | None = None,
    conn: AsyncConnection | None = None,
) -> None:
    """Keep that whoever asks, or ``usuario_id``, did ``action``; in a transaction where ``conn`` is its connection."""
    who = usuario_id if usuario_id is not None else (g.user.id if g.get("user") else None)
    await audit.record(
        conn if conn is not None else services().engine,
        action,
        momento=present(),
        usuario_id=who,
        nodo_id=nodo_id,
        direccion=address(),
        detalle=detalle,
    )
