"""Sign-ins: a random token in the browser's cookie, its SHA-256 here."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import connection, within
from enertrack.stores.tables import segundos_factores, sesiones, usuarios
from enertrack.stores.tokens import drawn, hashed
from enertrack.stores.users import USER_COLUMNS, User

IDLE: Final = timedelta(days=7)
"""A session that nobody uses for so long has ended."""
LIFE: Final = timedelta(days=30)
"""No session lives longer."""
MOST: Final = 100
"""Of one person: where another begins, the one that was not used for longest ends."""
TOUCH: Final = timedelta(minutes=1)
"""How fine ``ultimo_uso`` is, so that not each request writes."""
AGENT_LENGTH: Final = 255
ID_DIGITS: Final = 16
"""Of a session's hash: enough to name it, of no use to whoever reads it."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in in force: ``id`` names it among its person's, ``direccion`` and ``agente`` say where it began."""

    id: str
    creada: datetime
    ultimo_uso: datetime
    vence: datetime
    direccion: str | None
    agente: str | None


class Session(Use, frozen=True, kw_only=True):
    """One with whose it is, and whether they have a second factor."""

    user: User
    segundo_factor: bool


_NAMED: Final = [field for field in Use.__struct_fields__ if field != "id"]
_COLUMNS: Final = [sesiones.c.token_sha256, *(sesiones.c[field] for field in _NAMED)]
_IN_FORCE: Final = (sesiones.c.vence > bindparam("now"), sesiones.c.ultimo_uso > bindparam("unused_since"))
_WITH_USER: Final = (
    select(*_COLUMNS, *USER_COLUMNS, segundos_factores.c.confirmado.is_not(None).label("segundo_factor"))
    .join(usuarios, usuarios.c.id == sesiones.c.usuario_id)
    .outerjoin(segundos_factores, segundos_factores.c.usuario_id == usuarios.c.id)
    .where(usuarios.c.activo, *_IN_FORCE)
)
_BY_TOKEN: Final = _WITH_USER.where(sesiones.c.token_sha256 == bindparam("token_sha256"))
"""Written once: each page asks it."""


async def create(engine: AsyncEngine, user_id: int, *, now: datetime, address: str | None, agent: str | None) -> str:
    """The token of a new session, which is kept nowhere else; it takes the place of the oldest of too many."""
    token = drawn()
    row = {
        "token_sha256": hashed(token),
        "usuario_id": user_id,
        "creada": now,
        "ultimo_uso": now,
        "vence": now + LIFE,
        "direccion": address,
        "agente": agent[:AGENT_LENGTH] if agent else None,
    }
    of = sesiones.c
    others = select(of.token_sha256).where(of.usuario_id == user_id).order_by(of.ultimo_uso.desc(), of.creada.desc())
    async with connection(engine) as conn:
        too_many = (await conn.execute(others.offset(MOST - 1))).scalars().all()
        if too_many:
            await conn.execute(delete(sesiones).where(of.token_sha256.in_(too_many)))
        await conn.execute(insert(sesiones).values(row))
    return token


async def find(engine: AsyncEngine, token: str, now: datetime) -> Session | None:
    """The session of a token, unless it has ended or its person's account is not active."""
    return await _find(engine, _BY_TOKEN, _at(now) | {"token_sha256": hashed(token)})


async def find_one(engine: AsyncEngine, user_id: int, session_id: str, now: datetime) -> Session | None:
    """A person's session of that id, unless it has ended or their account is not active."""
    return await _find(engine, _WITH_USER.where(*_one(user_id, session_id)), _at(now)) if _is_id(session_id) else None


def _at(now: datetime) -> dict[str, Any]:
    """What ``_IN_FORCE`` is asked with."""
    return {"now": now, "unused_since": now - IDLE}


async def _find(engine: AsyncEngine, query: Select[Any], values: dict[str, Any]) -> Session | None:
    async with connection(engine) as conn:
        row = (await conn.execute(query, values)).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    user = User(**{field: values.pop(field) for field in User.__struct_fields__})
    values["segundo_factor"] = bool(values["segundo_factor"])
    return Session(id=_id(values.pop("token_sha256")), user=user, **values)


async def of_person(engine: AsyncEngine, user_id: int, now: datetime) -> list[Use]:
    """A person's sessions in force, the one used last first."""
    query = select(*_COLUMNS).where(sesiones.c.usuario_id == user_id, *_IN_FORCE)
    newest = query.order_by(sesiones.c.ultimo_uso.desc(), sesiones.c.creada.desc())
    async with connection(engine) as conn:
        rows = (await conn.execute(newest, _at(now))).all()
    return [Use(id=_id(row.token_sha256), **{field: getattr(row, field) for field in _NAMED}) for row in rows]


async def touch(engine: AsyncEngine, token: str, now: datetime) -> None:
    """Note that a session was used; within a minute of the last time nothing is written."""
    due = (sesiones.c.token_sha256 == hashed(token), sesiones.c.ultimo_uso <= now - TOUCH)
    async with connection(engine) as conn:
        await conn.execute(update(sesiones).where(*due).values(ultimo_uso=now))


async def end(engine: AsyncEngine, token: str) -> None:
    """Sign out."""
    async with connection(engine) as conn:
        await conn.execute(delete(sesiones).where(sesiones.c.token_sha256 == hashed(token)))


async def end_one(engine: AsyncEngine, user_id: int, session_id: str) -> bool:
    """Sign a person out where the session of that id is; whether it was one of theirs."""
    if not _is_id(session_id):
        return False
    async with connection(engine) as conn:
        return (await conn.execute(delete(sesiones).where(*_one(user_id, session_id)))).rowcount > 0


async def end_all(place: AsyncEngine | AsyncConnection, user_id: int, except_token: str | None = None) -> None:
    """Sign a person out everywhere, but for the session of ``except_token``."""
    condition = [sesiones.c.usuario_id == user_id]
    if except_token is not None:
        condition.append(sesiones.c.token_sha256 != hashed(except_token))
    async with within(place) as conn:
        await conn.execute(delete(sesiones).where(*condition))


async def forget_ended(engine: AsyncEngine, now: datetime) -> None:
    """Remove the sessions that have run out, of everybody."""
    async with connection(engine) as conn:
        await conn.execute(delete(sesiones).where((sesiones.c.vence <= now) | (sesiones.c.ultimo_uso <= now - IDLE)))


def id_of(token: str) -> str:
    """What names the session of a token."""
    return _id(hashed(token))


def _id(token_sha256: str) -> str:
    return token_sha256[:ID_DIGITS]


def _is_id(session_id: str) -> bool:
    return len(session_id) == ID_DIGITS and session_id.isascii() and session_id.isalnum()


def _one(user_id: int, session_id: str) -> tuple[ColumnElement[bool], ...]:
    return sesiones.c.usuario_id == user_id, sesiones.c.token_sha256.startswith(session_id)
