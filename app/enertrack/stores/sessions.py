"""Sign-ins: a random token in the browser's cookie, its SHA-256 here."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import connection
from enertrack.stores.tables import sesiones, usuarios
from enertrack.stores.users import USER_COLUMNS, User

IDLE: Final = timedelta(days=7)
"""A session that nobody uses for so long has ended."""
LIFE: Final = timedelta(days=30)
"""No session lives longer."""
TOUCH: Final = timedelta(minutes=1)
"""How fine ``ultimo_uso`` is, so that not each request writes."""
TOKEN_BYTES: Final = 32
AGENT_LENGTH: Final = 255


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in in force, and whose."""

    user: User
    creada: datetime
    ultimo_uso: datetime
    vence: datetime
    direccion: str | None
    agente: str | None


_COLUMNS = [sesiones.c[field] for field in Session.__struct_fields__ if field != "user"]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


async def create(engine: AsyncEngine, user_id: int, *, now: datetime, address: str | None, agent: str | None) -> str:
    """The token of a new session, which is kept nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "token_sha256": _hashed(token),
        "usuario_id": user_id,
        "creada": now,
        "ultimo_uso": now,
        "vence": now + LIFE,
        "direccion": address,
        "agente": agent[:AGENT_LENGTH] if agent else None,
    }
    async with connection(engine) as conn:
        await conn.execute(insert(sesiones).values(row))
    return token


async def find(engine: AsyncEngine, token: str, now: datetime) -> Session | None:
    """The session of a token, unless it has ended or its person's account is not active."""
    in_force = (sesiones.c.vence > now, sesiones.c.ultimo_uso > now - IDLE, usuarios.c.activo)
    query = select(*_COLUMNS, *USER_COLUMNS).join(usuarios, usuarios.c.id == sesiones.c.usuario_id)
    async with connection(engine) as conn:
        row = (await conn.execute(query.where(sesiones.c.token_sha256 == _hashed(token), *in_force))).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    user = User(**{field: values.pop(field) for field in User.__struct_fields__})
    return Session(user=user, **values)


async def touch(engine: AsyncEngine, token: str, now: datetime) -> None:
    """Note that a session was used; within a minute of the last time nothing is written."""
    due = (sesiones.c.token_sha256 == _hashed(token), sesiones.c.ultimo_uso <= now - TOUCH)
    async with connection(engine) as conn:
        await conn.execute(update(sesiones).where(*due).values(ultimo_uso=now))


async def end(engine: AsyncEngine, token: str) -> None:
    """Sign out."""
    async with connection(engine) as conn:
        await conn.execute(delete(sesiones).where(sesiones.c.token_sha256 == _hashed(token)))


async def end_all(engine: AsyncEngine, user_id: int, except_token: str | None = None) -> None:
    """Sign a person out everywhere, but for the session of ``except_token``."""
    condition = [sesiones.c.usuario_id == user_id]
    if except_token is not None:
        condition.append(sesiones.c.token_sha256 != _hashed(except_token))
    async with connection(engine) as conn:
        await conn.execute(delete(sesiones).where(*condition))


async def forget_ended(engine: AsyncEngine, now: datetime) -> None:
    """Remove the sessions that have run out, of everybody."""
    async with connection(engine) as conn:
        await conn.execute(delete(sesiones).where((sesiones.c.vence <= now) | (sesiones.c.ultimo_uso <= now - IDLE)))
