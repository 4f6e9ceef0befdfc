"""People who may sign in."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.database import connection, new_row, within
from enertrack.stores.tables import usuarios


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person's account; ``password_hash`` is in Werkzeug's format."""

    id: int
    nombre_usuario: str
    correo: str | None
    password_hash: str
    idioma: str
    tema: str
    zona_horaria: str
    es_admin: bool
    activo: bool


USER_COLUMNS = [usuarios.c[field] for field in User.__struct_fields__]


async def add_user(  # noqa: PLR0913 - the columns that a new account gives
    place: AsyncEngine | AsyncConnection,
    *,
    nombre_usuario: str,
    password_hash: str,
    correo: str | None = None,
    idioma: str = "es",
    zona_horaria: str = "America/Argentina/Buenos_Aires",
    es_admin: bool = False,
) -> int:
    """The id of a new account. Raises Taken where the name or the address is somebody's already."""
    row = {
        "nombre_usuario": nombre_usuario,
        "correo": correo,
        "password_hash": password_hash,
        "idioma": idioma,
        "zona_horaria": zona_horaria,
        "es_admin": es_admin,
    }
    async with within(place) as conn:
        return await new_row(conn, usuarios, row)


async def user_by_name(engine: AsyncEngine, nombre_usuario: str) -> User | None:
    """The account of that name, whether active or not; case does not matter."""
    return await _one(engine, usuarios.c.nombre_usuario == nombre_usuario)


async def user_by_mail(engine: AsyncEngine, correo: str) -> User | None:
    """The account with that address, whether active or not; case does not matter."""
    return await _one(engine, usuarios.c.correo == correo)


async def user_by_id(engine: AsyncEngine, user_id: int) -> User | None:
    """The account of that id, whether active or not."""
    return await _one(engine, usuarios.c.id == user_id)


async def all_users(engine: AsyncEngine) -> list[User]:
    """Every account, whether active or not, by name."""
    async with connection(engine) as conn:
        rows = await conn.execute(select(*USER_COLUMNS).order_by(usuarios.c.nombre_usuario))
        return [User(**row._asdict()) for row in rows]


async def held(conn: AsyncConnection, user_id: int) -> bool:
    """Whether an account is active; it stays so until the transaction of ``conn`` has ended."""
    active = select(usuarios.c.id).where(usuarios.c.id == user_id, usuarios.c.activo).with_for_update()
    return (await conn.execute(active)).first() is not None


async def change(place: AsyncEngine | AsyncConnection, user_id: int, **columns: Any) -> None:  # noqa: ANN401
    """Give an account other values, as ``tema="oscuro"``. Raises Taken for a name or an address of another's."""
    async with within(place) as conn:
        await conn.execute(update(usuarios).where(usuarios.c.id == user_id).values(columns))


async def set_password_hash(place: AsyncEngine | AsyncConnection, user_id: int, password_hash: str) -> None:
    """Keep the same password better, or another one whose sessions go on (``people.replace_password`` ends them)."""
    await change(place, user_id, password_hash=password_hash)


async def _one(engine: AsyncEngine, condition: ColumnElement[bool]) -> User | None:
    async with connection(engine) as conn:
        row = (await conn.execute(select(*USER_COLUMNS).where(condition))).one_or_none()
    return None if row is None else User(**row._asdict())
