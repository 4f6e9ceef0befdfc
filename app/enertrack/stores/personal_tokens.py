"""Personal tokens: what a person's own programs bring to the API; their SHA-256 is here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import connection, new_row
from enertrack.stores.tables import segundos_factores, tokens_api, usuarios
from enertrack.stores.tokens import drawn, hashed
from enertrack.stores.users import USER_COLUMNS, User

PREFIX: Final = "et_"
"""What tells one from an access token, and where it lies about."""
TOUCH: Final = timedelta(minutes=1)
"""How fine ``ultimo_uso`` is, so that not each request writes."""


class Scope(StrEnum):
    """What a token may: look, or change too."""

    LEER = "leer"
    GESTIONAR = "gestionar"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as its person sees it; ``alcances`` are its scopes, a ``vence`` of None is never."""

    id: int
    nombre: str
    alcances: frozenset[Scope]
    creado: datetime
    vence: datetime | None
    ultimo_uso: datetime | None


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is, and whether they have a second factor."""

    token: Token
    user: User
    segundo_factor: bool


_COLUMNS: Final = [tokens_api.c[field] for field in Token.__struct_fields__]


async def create(  # noqa: PLR0913 - what a token is
    engine: AsyncEngine, user_id: int, *, nombre: str, alcances: Iterable[Scope], vence: datetime | None, now: datetime
) -> tuple[int, str]:
    """The id of a new token and the token, which is kept nowhere else."""
    token = PREFIX + drawn()
    row = {
        "usuario_id": user_id,
        "nombre": nombre,
        "token_sha256": hashed(token),
        "alcances": " ".join(sorted(alcances)),
        "creado": now,
        "vence": vence,
    }
    async with connection(engine) as conn:
        return await new_row(conn, tokens_api, row), token


async def find(engine: AsyncEngine, token: str, now: datetime) -> Bearer | None:
    """Whose token it is, unless it was revoked, has run out, or its person's account is not active."""
    of = tokens_api.c
    query = (
        select(*_COLUMNS, *(c.label(f"u_{c.name}") for c in USER_COLUMNS), segundos_factores.c.confirmado)
        .join(usuarios, usuarios.c.id == of.usuario_id)
        .outerjoin(segundos_factores, segundos_factores.c.usuario_id == usuarios.c.id)
        .where(of.token_sha256 == hashed(token), of.revocado.is_(None), usuarios.c.activo)
        .where(of.vence.is_(None) | (of.vence > now))
    )
    async with connection(engine) as conn:
        row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    user = User(**{field: values[f"u_{field}"] for field in User.__struct_fields__})
    return Bearer(token=_token(values), user=user, segundo_factor=values["confirmado"] is not None)


async def touch(engine: AsyncEngine, token: Token, now: datetime) -> None:
    """Note that a token was used, within a minute of the last time nothing is written."""
    if token.ultimo_uso is not None and now - token.ultimo_uso < TOUCH:
        return
    async with connection(engine) as conn:
        await conn.execute(update(tokens_api).where(tokens_api.c.id == token.id).values(ultimo_uso=now))


async def of_person(engine: AsyncEngine, user_id: int, now: datetime) -> list[Token]:
    """A person's tokens in force, the newest first."""
    of = tokens_api.c
    query = select(*_COLUMNS).where(of.usuario_id == user_id, of.revocado.is_(None))
    query = query.where(of.vence.is_(None) | (of.vence > now)).order_by(of.id.desc())
    async with connection(engine) as conn:
        return [_token(row._asdict()) for row in await conn.execute(query)]


async def revoke(engine: AsyncEngine, user_id: int, token_id: int, now: datetime) -> bool:
    """End one of a person's tokens; whether it was in force."""
    of = tokens_api.c
    one = (of.id == token_id, of.usuario_id == user_id, of.revocado.is_(None))
    async with connection(engine) as conn:
        return (await conn.execute(update(tokens_api).where(*one).values(revocado=now))).rowcount > 0


def _token(values: dict[str, object]) -> Token:
    scopes = frozenset(Scope(name) for name in str(values["alcances"]).split())
    return Token(**{field: values[field] for field in Token.__struct_fields__} | {"alcances": scopes})  # type: ignore[arg-type]
