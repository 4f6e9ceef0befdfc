"""The account and the meters that the demo has."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.demo.fleet import meter_id
from enertrack.demo.places import PARTS, Place, Site
from enertrack.stores import sessions, users
from enertrack.stores.database import transaction
from enertrack.stores.nodes import Node, add_node, all_nodes, link_user
from enertrack.stores.passwords import hash_password, verify
from enertrack.stores.sharing import set_parent
from enertrack.stores.tables import Role

USER: Final = "demo"
PREFIX: Final = "DE40A0"
DESCRIPTIONS: Final = {
    Place.HOUSE: "Familia de cuatro, con aire acondicionado",
    Place.WORKSHOP: "Herrería, con soldadora y compresor",
    Place.SHOP: "Almacén, con heladeras y horario cortado",
    Place.AIR: "El circuito del aire, dentro del tablero de la casa",
}


class Resident(msgspec.Struct, frozen=True):
    """A node of the demo and the site that its meter measures."""

    node: Node
    site: Site


async def settle(engine: AsyncEngine, password: str, zone: ZoneInfo) -> list[Resident]:
    """The demo's meters, made with their owner where they are missing; the owner has ``password`` from now on."""
    user_id = await _user(engine, password, zone)
    numbers = {place: i for i, place in enumerate(Place, 1)}
    sites = {meter_id(i, PREFIX): Site(p, zone, numbers[PARTS.get(p, p)]) for p, i in numbers.items()}
    known = {node.esp_id: node.id for node in await all_nodes(engine)}
    for esp_id, site in sites.items():
        if esp_id not in known:
            known[esp_id] = await _move_in(engine, user_id, esp_id, site)
            if site.place in PARTS:
                main = meter_id(numbers[PARTS[site.place]], PREFIX)
                async with transaction(engine) as conn:
                    await set_parent(conn, known[esp_id], known[main])
    return [
        Resident(node, replace(sites[node.esp_id], zone=ZoneInfo(node.zona_horaria)))
        for node in await all_nodes(engine)
        if node.esp_id in sites
    ]


async def _user(engine: AsyncEngine, password: str, zone: ZoneInfo) -> int:
    user = await users.user_by_name(engine, USER)
    if user is None:
        hashed = await hash_password(password)
        return await users.add_user(
            engine, nombre_usuario=USER, password_hash=hashed, zona_horaria=zone.key, es_admin=True
        )
    if not user.es_admin:
        await users.change(engine, user.id, es_admin=True)
    if not await verify(user.password_hash, password):
        await users.set_password_hash(engine, user.id, await hash_password(password))
        await sessions.end_all(engine, user.id)
    return user.id


async def _move_in(engine: AsyncEngine, user_id: int, esp_id: str, site: Site) -> int:
    node_id = await add_node(
        engine,
        esp_id=esp_id,
        nombre=site.place.value,
        zona_horaria=site.zone.key,
        descripcion=DESCRIPTIONS[site.place],
    )
    await link_user(engine, user_id=user_id, node_id=node_id, rol=Role.PROPIETARIO)
    return node_id
