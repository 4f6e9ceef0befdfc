"""People's second factors: the secret of their authenticator (encrypted), and codes for when they have lost it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import connection, transaction, upsert, within
from enertrack.stores.tables import codigos_recuperacion, segundos_factores
from enertrack.stores.tokens import hashed


class Factor(msgspec.Struct, frozen=True):
    """``secreto`` is encrypted, ``ultimo_paso`` the last step of time whose code was used, ``quedan`` codes left."""

    secreto: str
    ultimo_paso: int
    quedan: int


async def find(engine: AsyncEngine, user_id: int) -> Factor | None:
    """A person's, if they have one that they proved to hold."""
    factor, code = segundos_factores.c, codigos_recuperacion.c
    left = select(func.count()).where(code.usuario_id == user_id, code.usado.is_(None)).scalar_subquery()
    query = select(factor.secreto, factor.ultimo_paso, left).where(
        factor.usuario_id == user_id, factor.confirmado.is_not(None)
    )
    async with connection(engine) as conn:
        row = (await conn.execute(query)).one_or_none()
    return None if row is None else Factor(row[0], row[1] or 0, row[2])


async def switch_on(  # noqa: PLR0913 - whose, what it is, and when
    engine: AsyncEngine, user_id: int, *, secreto: str, paso: int, codes: Iterable[str], now: datetime
) -> None:
    """Ask that person for it from now on; the code of step ``paso`` has been used."""
    row = {"secreto": secreto, "confirmado": now, "ultimo_paso": paso}
    async with transaction(engine) as conn:
        await conn.execute(upsert(conn, segundos_factores, row), {"usuario_id": user_id, **row})
        await _replace_codes(conn, user_id, codes)


async def renew_codes(engine: AsyncEngine, user_id: int, codes: Iterable[str]) -> None:
    """Other recovery codes; those before are worth nothing any more."""
    async with transaction(engine) as conn:
        await _replace_codes(conn, user_id, codes)


async def switch_off(place: AsyncEngine | AsyncConnection, user_id: int) -> None:
    """Ask that person for their password alone."""
    async with within(place) as conn:
        for table in (segundos_factores, codigos_recuperacion):
            await conn.execute(delete(table).where(table.c.usuario_id == user_id))


async def take_step(engine: AsyncEngine, user_id: int, paso: int) -> bool:
    """Use the code of a step, which no code of it or of one before can be again; whether it still could."""
    unused = (segundos_factores.c.usuario_id == user_id, segundos_factores.c.ultimo_paso < paso)
    async with connection(engine) as conn:
        return (await conn.execute(update(segundos_factores).where(*unused).values(ultimo_paso=paso))).rowcount > 0


async def take_code(engine: AsyncEngine, user_id: int, code: str, now: datetime) -> bool:
    """Use a recovery code, once; whether it was one of that person's."""
    kept = codigos_recuperacion.c
    unused = (kept.usuario_id == user_id, kept.codigo_sha256 == hashed(code), kept.usado.is_(None))
    async with connection(engine) as conn:
        return (await conn.execute(update(codigos_recuperacion).where(*unused).values(usado=now))).rowcount > 0


async def _replace_codes(conn: AsyncConnection, user_id: int, codes: Iterable[str]) -> None:
    await conn.execute(delete(codigos_recuperacion).where(codigos_recuperacion.c.usuario_id == user_id))
    rows = [{"usuario_id": user_id, "codigo_sha256": hashed(code)} for code in codes]
    await conn.execute(insert(codigos_recuperacion), rows)
