"""Who has a node, and which meters are part of another."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import DatabaseAway, transaction
from enertrack.stores.nodes import add_node, all_nodes, link_user
from enertrack.stores.sharing import Circle, part, people, set_parent
from enertrack.stores.tables import Role
from enertrack.stores.users import add_user


async def node(engine: AsyncEngine, number: int) -> int:
    return await add_node(engine, esp_id=f"A0B1C2D3E40{number}", nombre=str(number), zona_horaria="UTC")


async def within(engine: AsyncEngine, node_id: int, parent_id: int | None) -> None:
    async with transaction(engine) as conn:
        await set_parent(conn, node_id, parent_id)


async def test_the_owner_comes_first_and_does_not_part(engine: AsyncEngine) -> None:
    home = await node(engine, 1)
    roles = {"ana": Role.LECTOR, "bruno": Role.PROPIETARIO, "carla": Role.GESTOR}
    ids = {name: await add_user(engine, nombre_usuario=name, password_hash="h") for name in roles}
    for name, rol in roles.items():
        await link_user(engine, user_id=ids[name], node_id=home, rol=rol)
    assert [p.nombre_usuario for p in await people(engine, home)] == ["bruno", "carla", "ana"]
    assert await part(engine, user_id=ids["ana"], node_id=home)
    assert not await part(engine, user_id=ids["ana"], node_id=home)
    assert not await part(engine, user_id=ids["bruno"], node_id=home)
    assert [p.nombre_usuario for p in await people(engine, home)] == ["bruno", "carla"]


async def test_no_meter_is_part_of_itself_by_however_many_others(engine: AsyncEngine) -> None:
    ids = [await node(engine, i) for i in range(4)]
    for below, above in zip(ids[1:], ids, strict=False):
        await within(engine, below, above)
    for above in ids:
        with pytest.raises(Circle):
            await within(engine, ids[0], above)
    await within(engine, ids[1], None)
    await within(engine, ids[0], ids[3])
    assert [n.padre_id for n in await all_nodes(engine)] == [ids[3], None, ids[1], ids[2]]


async def test_two_that_would_be_part_of_each_other_at_once(engine: AsyncEngine) -> None:
    a, b = await node(engine, 1), await node(engine, 2)
    answers = await asyncio.gather(within(engine, a, b), within(engine, b, a), return_exceptions=True)
    assert all(x is None or isinstance(x, Circle | DatabaseAway) for x in answers)
    parents = {n.id: n.padre_id for n in await all_nodes(engine)}
    assert None in parents.values()
