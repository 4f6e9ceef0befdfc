"""A meter's coming and going: its node's row and its account at the broker, both or neither."""

import contextlib
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.audit import record
from enertrack.stores.broker.accounts import Accounts, AccountsFailed, Credential
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.broker.rights import Meter
from enertrack.stores.database import transaction
from enertrack.stores.nodes import add_node, link_user, node_of, set_active
from enertrack.stores.tables import Role

LIMIT_S: Final = 60.0
"""For a transaction that waits for the broker, which has its own time-outs."""


class Unknown(Exception):
    """No node has that board."""


class Author(msgspec.Struct, frozen=True):
    """Who does it and when, for the audit; no ``usuario_id``: an operator at the console."""

    momento: datetime
    usuario_id: int | None = None
    direccion: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A new node, and the person whose it shall be."""

    meter: Meter
    nombre: str
    zona_horaria: str
    potencia_max_w: float = 26500.0
    owner_id: int | None = None


class Enrolled(msgspec.Struct, frozen=True):
    """A node and what its meter needs; no ``credential`` where a person makes the account."""

    node_id: int
    meter: Meter
    credential: Credential | None


async def enrol(engine: AsyncEngine, accounts: Accounts, wanted: Wanted, author: Author) -> Enrolled:
    """Make a node, its owner's link and its meter's account.

    Raises Taken where the board is a node's already; DatabaseAway, BrokerAway, AccountsFailed, nothing being left.
    """
    meter, asked = wanted.meter, False
    try:
        async with transaction(engine, LIMIT_S) as conn:
            node_id = await add_node(
                conn,
                esp_id=meter.esp_id,
                nombre=wanted.nombre,
                zona_horaria=wanted.zona_horaria,
                protocolo=meter.protocolo,
                potencia_max_w=wanted.potencia_max_w,
            )
            if wanted.owner_id is not None:
                await link_user(conn, user_id=wanted.owner_id, node_id=node_id, rol=Role.PROPIETARIO)
            await _record(conn, "nodo_alta", node_id, meter, author)
            asked = True  # from here on the board is nobody else's, so an account that it has is this attempt's
            credential = await accounts.grant(meter)
    except BaseException:
        if asked:
            with contextlib.suppress(BrokerAway, AccountsFailed):
                await accounts.revoke(meter)
        raise
    return Enrolled(node_id, meter, credential)


async def renew(engine: AsyncEngine, accounts: Accounts, esp_id: str, author: Author) -> Enrolled:
    """Give a meter another password, its account where it has none, and its place in service where it had lost it.

    Raises Unknown, DatabaseAway, BrokerAway, AccountsFailed.
    """
    async with transaction(engine, LIMIT_S) as conn:
        node = await node_of(conn, esp_id)
        if node is None:
            raise Unknown(esp_id)
        meter = Meter(node.esp_id, node.protocolo)
        await set_active(conn, node.id, active=True)
        await _record(conn, "cuenta_renovada", node.id, meter, author)
        return Enrolled(node.id, meter, await accounts.grant(meter))


async def retire(engine: AsyncEngine, accounts: Accounts, esp_id: str, author: Author) -> bool:
    """Take a meter out of service and its account from it; whether that was done, not left to a person.

    Raises Unknown, DatabaseAway, BrokerAway, AccountsFailed.
    """
    async with transaction(engine, LIMIT_S) as conn:
        node = await node_of(conn, esp_id)
        if node is None:
            raise Unknown(esp_id)
        meter = Meter(node.esp_id, node.protocolo)
        if node.activo:
            await set_active(conn, node.id, active=False)
            await _record(conn, "nodo_baja", node.id, meter, author)
        return await accounts.revoke(meter)


async def _record(conn: AsyncConnection, accion: str, node_id: int, meter: Meter, author: Author) -> None:
    await record(
        conn,
        accion,
        momento=author.momento,
        usuario_id=author.usuario_id,
        direccion=author.direccion,
        nodo_id=node_id,
        detalle={"esp_id": meter.esp_id},
    )
