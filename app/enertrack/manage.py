"""What an operator does to the tables from the command line."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import Settings
from enertrack.stores import audit, forgotten, people, second_factors, users
from enertrack.stores.database import Taken, create_engine
from enertrack.stores.users import User

LAST_ADMINISTRATOR = "{!a} es la única persona que administra: antes dé ese permiso a otra con enertrack user admin"


class Refused(Exception):
    """What was asked for cannot be done; the text says why and what to do, in Spanish."""


@asynccontextmanager
async def tables(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine on the configured tables. Raises Refused where they are older than this program."""
    engine = create_engine(settings)
    try:
        yield engine
    except (exc.ProgrammingError, exc.OperationalError) as error:
        message = f"las tablas no están como este programa las usa: ejecute enertrack db upgrade ({error.orig})"
        raise Refused(message) from error
    finally:
        await engine.dispose()


async def add_user(settings: Settings, name: str, password: str, *, mail: str | None, admin: bool) -> None:
    """Make an account. Raises Refused, DatabaseAway."""
    from enertrack.stores.passwords import hash_password  # noqa: PLC0415 - it makes a hash when imported
    from enertrack.web.passwords import fault  # noqa: PLC0415 - and this brings the pages' libraries

    if found := await fault(password, name, mail):
        message = f"la contraseña no sirve. {found}"
        raise Refused(message)
    hashed = await hash_password(password)
    async with tables(settings) as engine:
        try:
            number = await users.add_user(
                engine, nombre_usuario=name, password_hash=hashed, correo=mail, zona_horaria=settings.tz, es_admin=admin
            )
        except Taken:
            message = f"el usuario {name!a} o su correo ya existe: elija otro"
            raise Refused(message) from None
        await _record(engine, "usuario_alta", name)
    sys.stdout.write(f"Usuario {name} creado (número {number}).\n")


async def list_users(settings: Settings) -> list[dict[str, object]]:
    """Every account but those removed. Raises Refused, DatabaseAway."""
    async with tables(settings) as engine:
        found = await users.all_users(engine)
    return [
        {"id": u.id, "usuario": u.nombre_usuario, "correo": u.correo, "administra": u.es_admin, "activo": u.activo}
        for u in found
        if not u.nombre_usuario.startswith(people.REMOVED)
    ]


async def reset(settings: Settings, name: str, *, factor: bool) -> str:
    """The address at which a person chooses another password; with ``factor`` they have no second one any more.

    Raises Refused, DatabaseAway.
    """
    async with tables(settings) as engine:
        user = await _user(engine, name)
        if not user.activo:
            message = f"la cuenta {name!a} no está activa: antes, enertrack user activate {name}"
            raise Refused(message)
        if factor:
            await second_factors.switch_off(engine, user.id)
            await _record(engine, "factor_ajeno_quitado", user.nombre_usuario)
        token = await forgotten.create(engine, user.id, datetime.now(UTC))
        await _record(engine, "clave_enlace", user.nombre_usuario)
    return f"{settings.public_address or f'http://127.0.0.1:{settings.port}'}/restablecer/{token}"


async def set_active(settings: Settings, name: str, *, active: bool) -> None:
    """Let a person in, or shut them out at once. Raises Refused, DatabaseAway."""
    async with tables(settings) as engine:
        user = await _user(engine, name)
        try:
            await people.set_active(engine, user.id, active=active)
        except people.LastAdministrator:
            raise Refused(LAST_ADMINISTRATOR.format(name)) from None
        await _record(engine, "usuario_activado" if active else "usuario_desactivado", user.nombre_usuario)


async def set_admin(settings: Settings, name: str, *, admin: bool) -> None:
    """Let a person administer, or no more. Raises Refused, DatabaseAway."""
    async with tables(settings) as engine:
        user = await _user(engine, name)
        try:
            await people.set_admin(engine, user.id, admin=admin)
        except people.LastAdministrator:
            raise Refused(LAST_ADMINISTRATOR.format(name)) from None
        await _record(engine, "administrador_nombrado" if admin else "administrador_quitado", user.nombre_usuario)


async def _user(engine: AsyncEngine, name: str) -> User:
    found = await users.user_by_name(engine, name)
    if found is None or found.nombre_usuario.startswith(people.REMOVED):
        message = f"no existe {name!a}: vea enertrack user list"
        raise Refused(message)
    return found


async def _record(engine: AsyncEngine, accion: str, name: str) -> None:
    """No person did it but an operator; to whom is in the detail."""
    await audit.record(engine, accion, momento=datetime.now(UTC), detalle={"usuario": name})
