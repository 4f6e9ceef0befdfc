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
from enertrack.stores.database import Taken, transaction
from enertrack.stores.nodes import Node, add_node, change_node, link_user, node_of, set_active
from enertrack.stores.tables import Role

LIMIT_S: Final = 60.0
"""For a transaction that waits for the broker, which has its own time-outs."""


INTERVALS_S: Final = {1: 120, 2: 60}
"""Between the readings of a board, by its protocol."""


NOTHING_HEARD: Final = dict.fromkeys(("en_linea", "firmware", "senal_dbm", "momento_estado"))
"""What a board says of itself, before it has said anything."""


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
    descripcion: str | None = None
    potencia_max_w: float = 26500.0
    owner_id: int | None = None
    ubicacion: str | None = None


class Enrolled(msgspec.Struct, frozen=True):
    """A node and what its meter needs; no ``credential`` where a person makes the account."""

    node_id: int
    meter: Meter
    credential: Credential | None


async def enrol(engine: AsyncEngine, accounts: Accounts, wanted: Wanted, author: Author) -> Enrolled:
    """Make a node, its owner's link and its meter's account.

    Raises Taken where the board is a node's already; DatabaseAway, BrokerAway, AccountsFailed, nothing being left.
    """
    meter = wanted.meter
    async with contextlib.AsyncExitStack() as undo, transaction(engine, LIMIT_S) as conn:
        node_id = await add_node(
            conn,
            esp_id=meter.esp_id,
            nombre=wanted.nombre,
            zona_horaria=wanted.zona_horaria,
            protocolo=meter.protocolo,
            descripcion=wanted.descripcion,
            potencia_max_w=wanted.potencia_max_w,
            intervalo_s=INTERVALS_S[meter.protocolo],
        )
        if wanted.owner_id is not None:
            await link_user(
                conn, user_id=wanted.owner_id, node_id=node_id, rol=Role.PROPIETARIO, ubicacion=wanted.ubicacion
            )
        await _record(conn, "nodo_alta", node_id, meter, author)
        return Enrolled(node_id, meter, await _granted(accounts, meter, undo))


async def change_board(engine: AsyncEngine, accounts: Accounts, esp_id: str, new: Meter, author: Author) -> Enrolled:
    """Put another board in a node's place: its history stays, the account of the board before goes.

    Raises Unknown, Taken where the board is a node's already, DatabaseAway, BrokerAway, AccountsFailed.
    """
    async with contextlib.AsyncExitStack() as undo, transaction(engine, LIMIT_S) as conn:
        node = await _known(conn, esp_id)
        if new.esp_id == node.esp_id:
            raise Taken(esp_id)
        board = {"esp_id": new.esp_id, "protocolo": new.protocolo, "placa": node.placa + 1}
        await change_node(conn, node.id, **board, **NOTHING_HEARD)
        await _record(conn, "placa_cambiada", node.id, new, author, anterior=esp_id)
        credential = await _granted(accounts, new, undo)
        await accounts.revoke(Meter(node.esp_id, node.protocolo))
        return Enrolled(node.id, new, credential)


async def _granted(accounts: Accounts, meter: Meter, undo: contextlib.AsyncExitStack) -> Credential | None:
    """A new board's account, which is taken back where ``undo`` ends by an exception.

    In the transaction the board is nobody else's any more, so an account that it has is this attempt's.
    """

    async def take_back(failed: type[BaseException] | None, *_: object) -> None:
        if failed:
            with contextlib.suppress(BrokerAway, AccountsFailed):
                await accounts.revoke(meter)

    undo.push_async_exit(take_back)
    return await accounts.grant(meter)


async def renew(engine: AsyncEngine, accounts: Accounts, esp_id: str, author: Author) -> Enrolled:
    """Give a meter another password, its account where it has none, and its place in service where it had lost it.

    Raises Unknown, DatabaseAway, BrokerAway, AccountsFailed.
    """
    async with transaction(engine, LIMIT_S) as conn:
        node = await _known(conn, esp_id)
        meter = Meter(node.esp_id, node.protocolo)
        await set_active(conn, node.id, active=True)
        await _record(conn, "cuenta_renovada", node.id, meter, author)
        return Enrolled(node.id, meter, await accounts.grant(meter))


async def retire(engine: AsyncEngine, accounts: Accounts, esp_id: str, author: Author) -> bool:
    """Take a meter out of service and its account from it; whether that was done, not left to a person.

    Raises Unknown, DatabaseAway, BrokerAway, AccountsFailed.
    """
    async with transaction(engine, LIMIT_S) as conn:
        node = await _known(conn, esp_id)
        meter = Meter(node.esp_id, node.protocolo)
        if node.activo:
            await set_active(conn, node.id, active=False)
            await _record(conn, "nodo_baja", node.id, meter, author)
        return await accounts.revoke(meter)


async def _known(conn: AsyncConnection, esp_id: str) -> Node:
    node = await node_of(conn, esp_id)
    if node is None:
        raise Unknown(esp_id)
    return node


async def _record(conn: AsyncConnection, accion: str, node_id: int, meter: Meter, author: Author, **more: str) -> None:
    await record(
        conn,
        accion,
        momento=author.momento,
        usuario_id=author.usuario_id,
        direccion=author.direccion,
        nodo_id=node_id,
        detalle={"esp_id": meter.esp_id, **more},
    )
