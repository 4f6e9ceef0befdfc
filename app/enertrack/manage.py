"""What an operator does to the tables from the command line."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import Settings
from enertrack.stores import users
from enertrack.stores.database import Taken, create_engine

MIN_PASSWORD = 12


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
    if len(password) < MIN_PASSWORD:
        message = f"la contraseña es demasiado corta: use {MIN_PASSWORD} caracteres o más"
        raise Refused(message)
    from enertrack.stores.passwords import hash_password  # noqa: PLC0415 - it makes a hash when imported

    hashed = await hash_password(password)
    async with tables(settings) as engine:
        try:
            number = await users.add_user(
                engine, nombre_usuario=name, password_hash=hashed, correo=mail, zona_horaria=settings.tz, es_admin=admin
            )
        except Taken:
            message = f"el usuario {name!a} o su correo ya existe: elija otro"
            raise Refused(message) from None
    sys.stdout.write(f"Usuario {name} creado (número {number}).\n")
