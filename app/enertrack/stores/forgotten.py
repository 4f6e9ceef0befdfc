"""Links by which a person chooses another password once, made for who forgot theirs."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import connection, transaction, within
from enertrack.stores.people import replace_password
from enertrack.stores.tables import claves_olvidadas, usuarios
from enertrack.stores.tokens import drawn, hashed
from enertrack.stores.users import USER_COLUMNS, User

LIFE: Final = timedelta(hours=1)


async def create(place: AsyncEngine | AsyncConnection, user_id: int, now: datetime) -> str:
    """The token of a new link, which is kept nowhere else."""
    token = drawn()
    row = {"token_sha256": hashed(token), "usuario_id": user_id, "vence": now + LIFE}
    async with within(place) as conn:
        await conn.execute(insert(claves_olvidadas).values(row))
    return token


async def find(engine: AsyncEngine, token: str, now: datetime) -> User | None:
    """Whose link that is, while it may be used and the account is active."""
    query = (
        select(*USER_COLUMNS)
        .join(claves_olvidadas, claves_olvidadas.c.usuario_id == usuarios.c.id)
        .where(*_open(token, now), usuarios.c.activo)
    )
    async with connection(engine) as conn:
        row = (await conn.execute(query)).one_or_none()
    return None if row is None else User(**row._asdict())


async def spend(engine: AsyncEngine, token: str, password_hash: str, now: datetime) -> int | None:
    """Give whose link that is another password, which ends sessions and other links; their id.

    None where the link is worth nothing any more, as for the slower of two who use it at once.
    """
    async with transaction(engine) as conn:
        if not (await conn.execute(update(claves_olvidadas).where(*_open(token, now)).values(usada=now))).rowcount:
            return None
        query = select(claves_olvidadas.c.usuario_id).where(claves_olvidadas.c.token_sha256 == hashed(token))
        user_id = int((await conn.execute(query)).scalar_one())
        await replace_password(conn, user_id, password_hash)
        return user_id


def _open(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    links = claves_olvidadas.c
    return links.token_sha256 == hashed(token), links.vence > now, links.usada.is_(None)
