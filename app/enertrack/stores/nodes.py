"""Nodes, whose they are, and when they last delivered."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Column, ColumnElement, Row, Update, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from enertrack.stores.broker.topics import is_meter_id
from enertrack.stores.database import connection, new_row, transaction, upsert, within
from enertrack.stores.tables import Role, nodos, usuarios_nodos

PER_STATEMENT: Final = 500
"""Nodes that one UPDATE dates."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's place; ``esp_id`` is its present board.

    ``potencia_max_w`` is the rated power in W, ``intervalo_s`` the seconds between readings, ``ultima_lectura`` the
    time of the newest reading, ``en_linea`` what the board or its last will said (None: nothing yet), ``senal_dbm``
    how well it hears its Wi-Fi, ``padre_id`` the main meter whose energy holds this one's, ``placa`` how many boards
    it had before.
    """

    id: int
    esp_id: str
    nombre: str
    descripcion: str | None
    zona_horaria: str
    activo: bool
    protocolo: int
    potencia_max_w: float
    ultima_lectura: datetime | None
    en_linea: bool | None
    firmware: str | None
    senal_dbm: int | None = None
    intervalo_s: int
    padre_id: int | None = None
    placa: int = 0


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A node as one person's: their role and its place, ``ultimo_acceso`` being when it last delivered to them.

    They see what was measured from ``desde`` on, all of it where that is None.
    """

    node: Node
    rol: Role
    ubicacion: str | None
    ultimo_acceso: datetime | None
    desde: datetime | None = None


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """A node's readings up to ``ultima_lectura`` were stored at ``momento``."""

    node_id: int
    ultima_lectura: datetime
    momento: datetime


_NODE = [nodos.c[field] for field in Node.__struct_fields__]
_LINK = [usuarios_nodos.c[field] for field in Membership.__struct_fields__ if field != "node"]
_THEIRS = (
    select(*_NODE, *_LINK)
    .select_from(nodos.join(usuarios_nodos, usuarios_nodos.c.nodo_id == nodos.c.id))
    .where(usuarios_nodos.c.usuario_id == bindparam("user_id"), usuarios_nodos.c.activo)
)
_ALL_THEIRS = _THEIRS.order_by(nodos.c.nombre, nodos.c.id)
_ONE_OF_THEIRS = _THEIRS.where(nodos.c.esp_id == bindparam("esp_id"))
"""Written once: each page asks one of them."""


async def all_nodes(engine: AsyncEngine) -> list[Node]:
    """Every node, whether active or not, by id."""
    async with connection(engine) as conn:
        rows = await conn.execute(select(*_NODE).order_by(nodos.c.id))
        return [Node(**row._asdict()) for row in rows]


async def parents(engine: AsyncEngine, node_ids: Collection[int]) -> dict[int, int | None]:
    """The main meter of each of these nodes."""
    query = select(nodos.c.id, nodos.c.padre_id).where(nodos.c.id.in_(node_ids))
    async with connection(engine) as conn:
        return {row.id: row.padre_id for row in await conn.execute(query)}


async def node_of(place: AsyncEngine | AsyncConnection, esp_id: str) -> Node | None:
    """The node whose board is ``esp_id``, whether active or not; nobody else changes it before a transaction ends."""
    if not is_meter_id(esp_id):
        return None
    async with within(place) as conn:
        row = (await conn.execute(select(*_NODE).where(nodos.c.esp_id == esp_id).with_for_update())).one_or_none()
    return None if row is None else Node(**row._asdict())


async def last_accesses(engine: AsyncEngine) -> dict[int, datetime]:
    """When each node last delivered to anybody, by its id."""
    link = usuarios_nodos.c
    query = select(link.nodo_id, func.max(link.ultimo_acceso)).where(link.ultimo_acceso.is_not(None))
    async with connection(engine) as conn:
        return {row[0]: row[1] for row in await conn.execute(query.group_by(link.nodo_id))}


async def set_active(place: AsyncEngine | AsyncConnection, node_id: int, *, active: bool) -> None:
    """Put a node in service or out of it; its history stays."""
    async with within(place) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == node_id).values(activo=active))


async def add_node(  # noqa: PLR0913 - the columns that a new node gives
    place: AsyncEngine | AsyncConnection,
    *,
    esp_id: str,
    nombre: str,
    zona_horaria: str,
    protocolo: int = 2,
    descripcion: str | None = None,
    potencia_max_w: float = 26500.0,
    intervalo_s: int = 60,
) -> int:
    """The id of a new node. Raises Taken where the board is another node's."""
    row = {
        "esp_id": esp_id,
        "nombre": nombre,
        "zona_horaria": zona_horaria,
        "protocolo": protocolo,
        "descripcion": descripcion,
        "potencia_max_w": potencia_max_w,
        "intervalo_s": intervalo_s,
    }
    async with within(place) as conn:
        return await new_row(conn, nodos, row)


async def link_user(  # noqa: PLR0913 - the columns that a link gives
    place: AsyncEngine | AsyncConnection,
    *,
    user_id: int,
    node_id: int,
    rol: Role | str,
    ubicacion: str | None = None,
    desde: datetime | None = None,
) -> None:
    """Give a person a role on a node, anew where they had one or had lost it."""
    row = {"rol": Role(rol), "ubicacion": ubicacion, "desde": desde, "activo": True}
    async with within(place) as conn:
        await conn.execute(upsert(conn, usuarios_nodos, row), {"usuario_id": user_id, "nodo_id": node_id, **row})


async def change_node(place: AsyncEngine | AsyncConnection, node_id: int, **columns: object) -> None:
    """Change what a person may change of a node. Raises Taken where ``esp_id`` is another node's board."""
    async with within(place) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == node_id).values(columns))


async def set_place(place: AsyncEngine | AsyncConnection, user_id: int, node_id: int, ubicacion: str | None) -> None:
    """Keep where a person says that their node is."""
    link = usuarios_nodos.c
    async with within(place) as conn:
        mine = update(usuarios_nodos).where(link.usuario_id == user_id, link.nodo_id == node_id)
        await conn.execute(mine.values(ubicacion=ubicacion))


async def unlink_user(engine: AsyncEngine, *, user_id: int, node_id: int) -> None:
    """Take a node from a person; what they had of it is kept."""
    link = usuarios_nodos.c
    async with connection(engine) as conn:
        condition = (link.usuario_id == user_id, link.nodo_id == node_id)
        await conn.execute(update(usuarios_nodos).where(*condition).values(activo=False))


async def memberships(engine: AsyncEngine, user_id: int) -> list[Membership]:
    """The nodes that are a person's now, by name; ``node.activo`` tells those taken out of service."""
    async with connection(engine) as conn:
        rows = await conn.execute(_ALL_THEIRS, {"user_id": user_id})
        return [_membership(row) for row in rows]


async def membership(engine: AsyncEngine, user_id: int, esp_id: str) -> Membership | None:
    """The node whose board is ``esp_id``, if it is that person's: a stranger's does not differ from none."""
    if not is_meter_id(esp_id):  # MariaDB answers other alphabets with an error, and trailing spaces with the node
        return None
    async with connection(engine) as conn:
        row = (await conn.execute(_ONE_OF_THEIRS, {"user_id": user_id, "esp_id": esp_id})).one_or_none()
    return None if row is None else _membership(row)


def _membership(row: Row[Any]) -> Membership:
    values = row._asdict()
    node = Node(**{field: values.pop(field) for field in Node.__struct_fields__})
    return Membership(node=node, **values)


async def record_deliveries(engine: AsyncEngine, deliveries: Sequence[Delivery]) -> None:
    """Date nodes and the links in force by what was stored; no date ever goes back."""
    read = _newest([(d.node_id, d.ultima_lectura) for d in deliveries])
    heard = _newest([(d.node_id, d.momento) for d in deliveries])
    ids = sorted(read)  # always the same order, so that two ingests never wait for each other
    async with transaction(engine) as conn:
        for start in range(0, len(ids), PER_STATEMENT):
            some = ids[start : start + PER_STATEMENT]
            await conn.execute(_dated(nodos.c.id, nodos.c.ultima_lectura, {i: read[i] for i in some}))
            links = _dated(usuarios_nodos.c.nodo_id, usuarios_nodos.c.ultimo_acceso, {i: heard[i] for i in some})
            await conn.execute(links.where(usuarios_nodos.c.activo))


def _newest(dates: Sequence[tuple[int, datetime]]) -> dict[int, datetime]:
    newest: dict[int, datetime] = {}
    for node_id, moment in dates:
        newest[node_id] = max(moment, newest.get(node_id, moment))
    return newest


def _dated(key: Column[int], column: Column[datetime], dates: Mapping[int, datetime]) -> Update:
    """Set ``column`` to the date of the row's ``key`` where that is later: GREATEST, which the two do not share."""
    date: ColumnElement[datetime] = case(dict(dates), value=key)
    later = or_(column.is_(None), column < date)
    return update(key.table).where(key.in_(list(dates)), later).values({column: date})


async def record_state(  # noqa: PLR0913 - what a board says of itself
    engine: AsyncEngine,
    node_id: int,
    *,
    en_linea: bool,
    firmware: str | None,
    senal_dbm: int | None,
    momento: datetime,
) -> None:
    """Keep what a board, or its last will, said at ``momento``; what was said before it changes nothing.

    A last will carries neither ``firmware`` nor ``senal_dbm`` (None): what was known of them stays.
    """
    told = {"firmware": firmware, "senal_dbm": senal_dbm}
    known = {name: value for name, value in told.items() if value is not None}
    newer = or_(nodos.c.momento_estado.is_(None), nodos.c.momento_estado <= momento)
    statement = update(nodos).where(nodos.c.id == node_id, newer)
    async with connection(engine) as conn:
        await conn.execute(statement.values(en_linea=en_linea, momento_estado=momento, **known))
