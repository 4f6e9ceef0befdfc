"""Nodes, whose they are, and when they last delivered."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import Taken
from enertrack.stores.nodes import (
    Delivery,
    Node,
    add_node,
    all_nodes,
    last_accesses,
    link_user,
    membership,
    memberships,
    node_of,
    record_deliveries,
    record_state,
    set_active,
    unlink_user,
)
from enertrack.stores.tables import Role
from enertrack.stores.users import add_user

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONE = "America/Argentina/Buenos_Aires"
HOSTILE = ["", "ñandú", "A" * 5000, "' OR '1'='1", "%", "a0b1c2d3e4f5", "A0B1C2D3E4F5 ", "\x00", "🙂", "\\"]


async def person(engine: AsyncEngine, name: str) -> int:
    return await add_user(engine, nombre_usuario=name, password_hash="h")


async def node(engine: AsyncEngine, esp_id: str = "A0B1C2D3E4F5", nombre: str = "Casa") -> int:
    return await add_node(engine, esp_id=esp_id, nombre=nombre, zona_horaria=ZONE)


async def only(engine: AsyncEngine) -> Node:
    (one,) = await all_nodes(engine)
    return one


async def test_a_node_is_read_as_it_was_made(engine: AsyncEngine) -> None:
    node_id = await add_node(
        engine, esp_id="1265B7A0", nombre="Taller", zona_horaria="Europe/Madrid", protocolo=1, potencia_max_w=5750.5
    )
    assert await only(engine) == Node(
        id=node_id,
        esp_id="1265B7A0",
        nombre="Taller",
        descripcion=None,
        zona_horaria="Europe/Madrid",
        activo=True,
        protocolo=1,
        potencia_max_w=5750.5,
        ultima_lectura=None,
        en_linea=None,
        firmware=None,
        intervalo_s=60,
    )


async def test_a_board_is_one_nodes(engine: AsyncEngine) -> None:
    await node(engine)
    with pytest.raises(Taken):
        await node(engine)


@pytest.mark.parametrize("role", list(Role))
async def test_the_owner_of_a_link_sees_the_node_and_a_stranger_does_not(engine: AsyncEngine, role: Role) -> None:
    owner, stranger = await person(engine, "ana"), await person(engine, "eva")
    node_id = await node(engine)
    await link_user(engine, user_id=owner, node_id=node_id, rol=role, ubicacion="Tablero")
    mine = await membership(engine, owner, "A0B1C2D3E4F5")
    assert mine is not None
    assert (mine.node, mine.rol, mine.ubicacion) == (await only(engine), role, "Tablero")
    assert await memberships(engine, owner) == [mine]
    assert await membership(engine, stranger, "A0B1C2D3E4F5") is None
    assert await memberships(engine, stranger) == []


@pytest.mark.parametrize("esp_id", HOSTILE)
async def test_no_other_text_finds_a_node(engine: AsyncEngine, esp_id: str) -> None:
    owner = await person(engine, "ana")
    await link_user(engine, user_id=owner, node_id=await node(engine), rol=Role.PROPIETARIO)
    assert await membership(engine, owner, esp_id) is None


async def test_a_link_that_was_taken_away_shows_nothing_until_it_is_given_again(engine: AsyncEngine) -> None:
    owner, other = await person(engine, "ana"), await person(engine, "eva")
    node_id = await node(engine)
    for user_id in (owner, other):
        await link_user(engine, user_id=user_id, node_id=node_id, rol=Role.PROPIETARIO)
    await unlink_user(engine, user_id=owner, node_id=node_id)
    assert await membership(engine, owner, "A0B1C2D3E4F5") is None
    assert len(await memberships(engine, other)) == 1
    await link_user(engine, user_id=owner, node_id=node_id, rol=Role.LECTOR)
    again = await membership(engine, owner, "A0B1C2D3E4F5")
    assert again is not None
    assert again.rol is Role.LECTOR


async def test_a_persons_nodes_come_by_name(engine: AsyncEngine) -> None:
    owner = await person(engine, "ana")
    for i, name in enumerate(["taller", "Casa", "Local"]):
        await link_user(engine, user_id=owner, node_id=await node(engine, f"0000000{i}", name), rol=Role.GESTOR)
    assert [m.node.nombre for m in await memberships(engine, owner)] == ["Casa", "Local", "taller"]


async def test_a_delivery_dates_the_node_and_the_links_in_force_only(engine: AsyncEngine) -> None:
    owner, former = await person(engine, "ana"), await person(engine, "eva")
    node_id, silent = await node(engine), await node(engine, "00000001", "Otro")
    for user_id in (owner, former):
        await link_user(engine, user_id=user_id, node_id=node_id, rol=Role.PROPIETARIO)
    await link_user(engine, user_id=owner, node_id=silent, rol=Role.PROPIETARIO)
    await unlink_user(engine, user_id=former, node_id=node_id)
    await record_deliveries(engine, [Delivery(node_id, NOON, NOON + MINUTE)])
    await link_user(engine, user_id=former, node_id=node_id, rol=Role.PROPIETARIO)
    seen = {m.node.esp_id: (m.node.ultima_lectura, m.ultimo_acceso) for m in await memberships(engine, owner)}
    assert seen == {"A0B1C2D3E4F5": (NOON, NOON + MINUTE), "00000001": (None, None)}
    (back,) = await memberships(engine, former)
    assert back.ultimo_acceso is None


async def test_dates_of_deliveries_never_go_back(engine: AsyncEngine) -> None:
    owner, node_id = await person(engine, "ana"), await node(engine)
    await link_user(engine, user_id=owner, node_id=node_id, rol=Role.PROPIETARIO)
    await record_deliveries(engine, [Delivery(node_id, NOON, NOON), Delivery(node_id, NOON - MINUTE, NOON + MINUTE)])
    await record_deliveries(engine, [Delivery(node_id, NOON - 5 * MINUTE, NOON - 5 * MINUTE)])
    (mine,) = await memberships(engine, owner)
    assert (mine.node.ultima_lectura, mine.ultimo_acceso) == (NOON, NOON + MINUTE)


async def test_a_thousand_deliveries_take_a_handful_of_statements(engine: AsyncEngine) -> None:
    ids = [await node(engine, f"{i:08X}") for i in range(1000)]
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    await record_deliveries(engine, [Delivery(i, NOON + timedelta(seconds=i), NOON) for i in reversed(ids)])
    assert len(statements) <= 6
    assert [n.ultima_lectura for n in await all_nodes(engine)] == [NOON + timedelta(seconds=i) for i in ids]


async def test_when_a_node_last_delivered_is_the_newest_of_its_people(engine: AsyncEngine) -> None:
    node_id, silent = await node(engine), await node(engine, "00000001", "Otro")
    for name, hours in (("ana", 0), ("eva", 1)):
        user_id = await person(engine, name)
        for i in (node_id, silent):
            await link_user(engine, user_id=user_id, node_id=i, rol=Role.LECTOR)
        later = NOON + timedelta(hours=hours)
        await record_deliveries(engine, [Delivery(node_id, later, later)])
    assert await last_accesses(engine) == {node_id: NOON + timedelta(hours=1)}


async def test_a_node_is_found_by_its_board_whether_active_or_not(engine: AsyncEngine) -> None:
    node_id = await node(engine)
    await set_active(engine, node_id, active=False)
    assert await node_of(engine, "A0B1C2D3E4F5") == await only(engine)
    assert not (await only(engine)).activo
    assert [await node_of(engine, text) for text in HOSTILE] == [None] * len(HOSTILE)


async def test_no_delivery_is_no_work(engine: AsyncEngine) -> None:
    await record_deliveries(engine, [])
    assert await all_nodes(engine) == []


async def test_what_a_board_says_is_kept_and_its_last_will_leaves_the_firmware(engine: AsyncEngine) -> None:
    node_id = await node(engine)
    await record_state(engine, node_id, en_linea=True, firmware="1.4.0", senal_dbm=-61, momento=NOON)
    await record_state(engine, node_id, en_linea=False, firmware=None, senal_dbm=None, momento=NOON + MINUTE)
    now = await only(engine)
    assert (now.en_linea, now.firmware) == (False, "1.4.0")


async def test_what_a_board_said_before_changes_nothing(engine: AsyncEngine) -> None:
    node_id = await node(engine)
    await record_state(engine, node_id, en_linea=True, firmware="1.4.0", senal_dbm=-61, momento=NOON)
    await record_state(engine, node_id, en_linea=False, firmware="1.3.0", senal_dbm=None, momento=NOON - MINUTE)
    now = await only(engine)
    assert (now.en_linea, now.firmware) == (True, "1.4.0")
