"""Brings people and meters of the original into the tables: what is there already stays as it is.

All in one transaction, so that half an import does not exist; a dry run is the same work, undone at its end.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.domain.leaves import DT_S
from enertrack.original.people import Account, Limit, Link, Meter, Original, owners
from enertrack.stores.audit import record
from enertrack.stores.broker.topics import V1
from enertrack.stores.database import new_row, transaction
from enertrack.stores.tables import Role, estado_sistema, nodos, umbrales_nodo, usuarios, usuarios_nodos

LIMIT_S: Final = 600.0


class Counted(msgspec.Struct):
    """How many came now and how many were there before."""

    new: int = 0
    known: int = 0


class Taken(msgspec.Struct):
    """What became of each: our ids by the original's, counts by kind, and what was left as it is."""

    users: dict[int, int] = {}
    nodes: dict[int, int] = {}
    boards: dict[str, int] = {}
    counts: dict[str, Counted] = {}
    told: list[str] = []

    def count(self, kind: str, *, new: bool) -> None:
        """One more."""
        counted = self.counts.setdefault(kind, Counted())
        counted.new += new
        counted.known += not new


async def take(engine: AsyncEngine, original: Original, zone: str, *, dry: bool) -> Taken:
    """Bring what is missing; ``dry`` says what would come. Raises DatabaseAway."""
    taken = Taken()
    first = owners(original.links)
    names = {(link.user, link.meter): link.name for link in original.links}
    async with transaction(engine, LIMIT_S) as conn:
        for account in original.accounts:
            await _account(conn, taken, account, zone)
        for meter in original.meters:
            owner = first.get(meter.number)
            called = names.get((owner, meter.number)) if owner is not None else None
            await _meter(conn, taken, meter, owner, _node(meter, called, zone))
        for link in original.links:
            await _link(conn, taken, link, owns=first[link.meter] == link.user)
        for limit in original.limits.values():
            await _limit(conn, taken, limit)
        if any(counted.new for counted in taken.counts.values()):
            detail = {kind: counted.new for kind, counted in taken.counts.items()}
            await record(conn, "importacion_original", momento=datetime.now(UTC), detalle=detail)
        if dry:
            await conn.exec_driver_sql("ROLLBACK")
            await conn.exec_driver_sql("BEGIN")
    return taken


async def _one(conn: AsyncConnection, table: Table, **where: Any) -> Mapping[str, Any] | None:  # noqa: ANN401
    query = select(table).where(*(table.c[name] == value for name, value in where.items()))
    row = (await conn.execute(query)).first()
    return None if row is None else row._asdict()


async def _account(conn: AsyncConnection, taken: Taken, account: Account, zone: str) -> None:
    """A password is hashed anew at the first sign-in, so what was brought is remembered by itself."""
    mark = "original_" + hashlib.sha256(f"{account.name}\0{account.password_hash}".encode()).hexdigest()[:48]
    if brought := await _one(conn, estado_sistema, clave=mark):
        taken.users[account.number] = int(brought["valor"])
        taken.count("usuarios", new=False)
        return
    there = await _one(conn, usuarios, nombre_usuario=account.name)
    if there and there["password_hash"] != account.password_hash:
        taken.told.append(
            f"el usuario {account.name!r}: aquí hay otro de ese nombre con otra contraseña; queda como está"
        )
        return
    number = int(there["id"]) if there else await _new_account(conn, taken, account, zone)
    taken.users[account.number] = number
    taken.count("usuarios", new=not there)
    await conn.execute(insert(estado_sistema).values(clave=mark, valor=str(number)))


async def _new_account(conn: AsyncConnection, taken: Taken, account: Account, zone: str) -> int:
    chat = account.chat_id
    if chat is not None and await _one(conn, usuarios, telegram_chat_id=chat):
        taken.told.append(f"el chat de Telegram de {account.name!r}: ya es de otra persona; que lo vincule de nuevo")
        chat = None
    row = {
        "nombre_usuario": account.name,
        "password_hash": account.password_hash,
        "zona_horaria": zone,
        "fecha_registro": account.since,
        "telegram_chat_id": chat,
        "telegram_vinculado": None if chat is None else datetime.now(UTC),
    }
    return await new_row(conn, usuarios, row)


async def _meter(conn: AsyncConnection, taken: Taken, meter: Meter, first: int | None, row: Mapping[str, Any]) -> None:
    owner = None if first is None else taken.users.get(first)
    there = await _one(conn, nodos, esp_id=meter.esp_id)
    if there:
        whose = await _owners(conn, there["id"])
        if whose and owner not in whose:
            taken.told.append(
                f"el medidor {meter.esp_id}: aquí es de otra persona; queda como está, sin sus mediciones"
            )
            return
    elif owner is None:
        taken.told.append(f"el medidor {meter.esp_id}: viene sin propietario (nadie lo tenía, o esa persona no vino)")
    number = int(there["id"]) if there else await new_row(conn, nodos, row)
    taken.nodes[meter.number] = taken.boards[meter.esp_id] = number
    taken.count("medidores", new=not there)


async def _owners(conn: AsyncConnection, node_id: int) -> set[int]:
    link = usuarios_nodos.c
    query = select(link.usuario_id).where(link.nodo_id == node_id, link.rol == Role.PROPIETARIO)
    return set((await conn.execute(query)).scalars())


def _node(meter: Meter, called: str | None, zone: str) -> dict[str, Any]:
    """A new node, ``called`` as its owner called it."""
    return {
        "esp_id": meter.esp_id,
        "nombre": called or meter.name or (meter.description or "")[:100] or meter.esp_id,
        "descripcion": meter.description,
        "zona_horaria": zone,
        "fecha_creacion": meter.since,
        "protocolo": V1,
        "intervalo_s": DT_S,
    }


async def _link(conn: AsyncConnection, taken: Taken, link: Link, *, owns: bool) -> None:
    user, node = taken.users.get(link.user), taken.nodes.get(link.meter)
    if user is None or node is None:
        return
    there = await _one(conn, usuarios_nodos, usuario_id=user, nodo_id=node)
    taken.count("vínculos", new=not there)
    if not there:
        role = Role.PROPIETARIO if owns else Role.LECTOR
        row = {
            "usuario_id": user,
            "nodo_id": node,
            "rol": role,
            "ubicacion": link.place,
            "fecha_asignacion": link.since,
        }
        await conn.execute(insert(usuarios_nodos).values(row))


async def _limit(conn: AsyncConnection, taken: Taken, limit: Limit) -> None:
    user, node = taken.users.get(limit.user), taken.nodes.get(limit.meter)
    if user is None or node is None:
        return
    key = {"usuario_id": user, "nodo_id": node}
    if not await _one(conn, usuarios_nodos, **key):
        taken.told.append(f"un umbral de {limit.kw} kW: quien lo puso (usuario {limit.user}) no tiene ese medidor")
        return
    there = await _one(conn, umbrales_nodo, **key)
    taken.count("umbrales", new=not there)
    if not there:
        row = {**key, "umbral_kw": limit.kw, "alertas_activas": limit.active}
        await conn.execute(insert(umbrales_nodo).values(row))
