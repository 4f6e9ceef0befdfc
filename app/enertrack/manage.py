"""What an operator does to the tables from the command line."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import Settings
from enertrack.stores import nodes, users
from enertrack.stores.broker.topics import is_meter_id
from enertrack.stores.database import Taken, create_engine
from enertrack.stores.tables import Role

MIN_PASSWORD = 12
V1_DIGITS = 8


class Refused(Exception):
    """What was asked for cannot be done; the text says why and what to do, in Spanish."""


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
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
    async with _engine(settings) as engine:
        try:
            number = await users.add_user(
                engine, nombre_usuario=name, password_hash=hashed, correo=mail, zona_horaria=settings.tz, es_admin=admin
            )
        except Taken:
            message = f"el usuario {name!a} o su correo ya existe: elija otro"
            raise Refused(message) from None
    sys.stdout.write(f"Usuario {name} creado (número {number}).\n")


async def add_node(  # noqa: PLR0913 - what a node is made of
    settings: Settings, esp_id: str, *, name: str, zone: str | None, owner: str | None, protocol: int, max_w: float
) -> None:
    """Make a node, and its owner's link where one is told. Raises Refused, DatabaseAway."""
    _check_meter(esp_id, protocol)
    zone = _checked_zone(zone or settings.tz)
    async with _engine(settings) as engine:
        user = await users.user_by_name(engine, owner) if owner else None
        if owner and user is None:
            message = f"--user: no existe {owner!a}: créelo con enertrack user add {owner}"
            raise Refused(message)
        try:
            number = await nodes.add_node(
                engine, esp_id=esp_id, nombre=name, zona_horaria=zone, protocolo=protocol, potencia_max_w=max_w
            )
        except Taken:
            message = f"el medidor {esp_id} ya está dado de alta: vea enertrack node list"
            raise Refused(message) from None
        if user is not None:
            await nodes.link_user(engine, user_id=user.id, node_id=number, rol=Role.PROPIETARIO)
    sys.stdout.write(f"Nodo {name} creado para el medidor {esp_id} (número {number}).\n")


async def list_nodes(settings: Settings) -> None:
    """Write the nodes, one a line. Raises Refused, DatabaseAway."""
    async with _engine(settings) as engine:
        for node in await nodes.all_nodes(engine):
            newest = node.ultima_lectura.isoformat(timespec="seconds") if node.ultima_lectura else "sin datos"
            state = "" if node.activo else "  (de baja)"
            place = f"{node.zona_horaria}  {node.nombre}{state}"
            sys.stdout.write(f"{node.id:>5}  {node.esp_id:<12}  {newest:<25}  {place}\n")


def _check_meter(esp_id: str, protocol: int) -> None:
    if not is_meter_id(esp_id):
        message = f"{esp_id!a} no es un medidor: son 12 (u 8) cifras hexadecimales en mayúsculas"
        raise Refused(message)
    if protocol == 1 and len(esp_id) != V1_DIGITS:
        message = "--protocol 1 es de las placas originales, con 8 cifras hexadecimales"
        raise Refused(message)


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"--zone: {name!a} no es una zona horaria de la IANA, como Europe/Madrid"
        raise Refused(message) from None
