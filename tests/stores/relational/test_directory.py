"""Lists of all people and all meters, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import directory, people, second_factors, sessions
from enertrack.stores.directory import PAGE, Counts, Which
from enertrack.stores.nodes import Delivery, add_node, link_user, record_deliveries, set_active
from enertrack.stores.tables import Role
from enertrack.stores.users import add_user, change

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOARD, OTHER = "A0B1C2D3E4F5", "1265B7A0"


@pytest.fixture
async def ids(engine: AsyncEngine) -> dict[str, int]:
    """ana, who administers and owns one meter; Íñigo, who looks at it; carla, who is not active and owns another."""
    found = {n: await add_user(engine, nombre_usuario=n, password_hash="h") for n in ("ana", "Íñigo", "carla")}
    await change(engine, found["ana"], es_admin=True, correo="ana@ejemplo.com")
    await people.set_active(engine, found["carla"], active=False)
    for esp_id, name, owner in ((BOARD, "Casa 100%", "ana"), (OTHER, "Taller", "carla")):
        found[esp_id] = await add_node(engine, esp_id=esp_id, nombre=name, zona_horaria="UTC")
        await link_user(engine, user_id=found[owner], node_id=found[esp_id], rol=Role.PROPIETARIO)
    await link_user(engine, user_id=found["Íñigo"], node_id=found[BOARD], rol=Role.LECTOR)
    return found


async def names(engine: AsyncEngine, search: str = "", which: Which = Which.ALL, page: int = 1) -> list[str]:
    return [p.nombre_usuario for p in (await directory.people(engine, search, which, page))[0]]


async def boards(engine: AsyncEngine, search: str = "", *, active: bool | None = None) -> list[str]:
    return [m.node.esp_id for m in (await directory.meters(engine, search, active=active))[0]]


async def test_people_are_found_by_name_address_and_kind(engine: AsyncEngine, ids: dict[str, int]) -> None:
    assert ids
    assert sorted(await names(engine)) == ["ana", "carla", "Íñigo"]
    assert await names(engine, "EJEMPLO") == ["ana"]
    assert await names(engine, "ñigo") == ["Íñigo"]
    assert await names(engine, "_") == []
    assert sorted(await names(engine, which=Which.ACTIVE)) == ["ana", "Íñigo"]
    assert await names(engine, which=Which.INACTIVE) == ["carla"]
    assert await names(engine, which=Which.ADMINISTRATORS) == ["ana"]


async def test_a_person_is_told_with_what_is_theirs(engine: AsyncEngine, ids: dict[str, int]) -> None:
    await sessions.create(engine, ids["ana"], now=NOON, address=None, agent=None)
    await second_factors.switch_on(engine, ids["ana"], secreto="s", paso=1, codes=["c"], now=NOON)
    ana, inigo = await directory.person(engine, ids["ana"]), await directory.person(engine, ids["Íñigo"])
    assert ana is not None
    assert (ana.correo, ana.es_admin, ana.segundo_factor, ana.ultimo_uso, ana.medidores) == (
        "ana@ejemplo.com",
        True,
        True,
        NOON,
        1,
    )
    assert inigo is not None
    assert (inigo.es_admin, inigo.segundo_factor, inigo.ultimo_uso, inigo.medidores) == (False, False, None, 1)


async def test_who_removed_their_account_is_nowhere(engine: AsyncEngine, ids: dict[str, int]) -> None:
    await people.remove(engine, ids["Íñigo"], NOON)
    assert await directory.person(engine, ids["Íñigo"]) is None
    assert sorted(await names(engine)) == ["ana", "carla"]


async def test_pages_are_whole_and_counted(engine: AsyncEngine, ids: dict[str, int]) -> None:
    assert ids
    for number in range(PAGE + 3):
        await add_user(engine, nombre_usuario=f"zoe{number:02}", password_hash="h")
    pages = [await names(engine, "zoe", page=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE, 3, 0]
    assert pages[0] + pages[1] == [f"zoe{number:02}" for number in range(PAGE + 3)]
    assert (await directory.people(engine, "zoe", page=2))[1] == PAGE + 3


async def test_meters_are_found_by_name_board_and_owner(engine: AsyncEngine, ids: dict[str, int]) -> None:
    assert ids
    assert await boards(engine) == [BOARD, OTHER]
    assert await boards(engine, "100%") == await boards(engine, "casa") == await boards(engine, "a0b1") == [BOARD]
    assert await boards(engine, "carla") == [OTHER]
    assert await boards(engine, "Íñigo") == []
    assert await boards(engine, "%") == [BOARD]


async def test_meters_in_service_and_out_of_it(engine: AsyncEngine, ids: dict[str, int]) -> None:
    await set_active(engine, ids[OTHER], active=False)
    assert (await boards(engine, active=True), await boards(engine, active=False)) == ([BOARD], [OTHER])
    assert await directory.counts(engine) == Counts(people=2, administrators=1, meters=1)


async def test_a_meter_is_told_with_owners_and_its_last_delivery(engine: AsyncEngine, ids: dict[str, int]) -> None:
    await record_deliveries(engine, [Delivery(ids[BOARD], NOON - timedelta(minutes=1), NOON)])
    [casa], total = await directory.meters(engine, "casa")
    assert (casa.owners, casa.ultimo_acceso, casa.node.ultima_lectura, total) == (
        ["ana"],
        NOON,
        NOON - timedelta(minutes=1),
        1,
    )


@pytest.mark.parametrize("name", ["eliminado-x", "elíminado-x", "eliminadø-x"])
async def test_nobody_hides_by_a_name(engine: AsyncEngine, name: str) -> None:
    """Only an account whose person went is left out, not one that is called like it."""
    number = await add_user(engine, nombre_usuario=name, password_hash="h")
    assert await names(engine) == [name]
    assert await directory.person(engine, number) is not None
    await people.remove(engine, number, NOON)
    assert await names(engine) == []
    assert await directory.person(engine, number) is None
