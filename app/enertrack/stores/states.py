"""What EnerTrack remembers of itself between runs, and which of its processes does what only one may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import DatabaseAway, connection, guard, upsert
from enertrack.stores.tables import estado_sistema


async def get(engine: AsyncEngine, key: str) -> str | None:
    """What was put under ``key``, if anything."""
    async with connection(engine) as conn:
        found: str | None = await conn.scalar(select(estado_sistema.c.valor).where(estado_sistema.c.clave == key))
    return found


async def put(engine: AsyncEngine, key: str, value: str) -> None:
    """Remember ``value`` under ``key`` instead of what was there."""
    row = {"clave": key, "valor": value, "actualizado": datetime.now(UTC)}
    async with connection(engine) as conn:
        await conn.execute(upsert(engine, estado_sistema, ["valor", "actualizado"]), row)


@dataclass(frozen=True)
class Lock:
    """A name that is ours while its connection lives (``connection`` is None where there is one process only)."""

    name: str
    connection: AsyncConnection | None

    async def still_held(self) -> bool:
        """Whether the server still counts us as its holder; not when it cannot be asked."""
        if self.connection is None:
            return True
        try:
            async with guard():
                question = text("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()")
                return bool(await self.connection.scalar(question, {"name": self.name}))
        except DatabaseAway:
            return False


@asynccontextmanager
async def advisory_lock(engine: AsyncEngine, name: str, wait_s: int = 0) -> AsyncIterator[Lock | None]:
    """The lock of that name in this database, or None while another process has it.

    Held on a connection of its own, so it is free again as soon as its holder is gone; who works long under it asks
    ``still_held``. SQLite has one process, and so always the lock. Raises DatabaseAway.
    """
    if engine.dialect.name == "sqlite":
        yield Lock(name, None)
        return
    full = f"{engine.url.database}.{name}"
    async with guard():
        conn = await engine.connect()
    try:
        async with guard(wait_s + 5):
            given = await conn.scalar(text("SELECT GET_LOCK(:name, :wait)"), {"name": full, "wait": wait_s})
        yield Lock(full, conn) if given else None
    finally:
        await _release(conn, full)


async def _release(conn: AsyncConnection, name: str) -> None:
    """Free the lock; where the server does not answer, the connection's end does it."""
    try:
        async with guard():
            await conn.execute(text("DO RELEASE_LOCK(:name)"), {"name": name})
            await conn.close()
    except DatabaseAway:
        await conn.invalidate()
        await conn.close()
