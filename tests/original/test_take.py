"""What of an original comes into the tables, and what stays as it is here."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.original.dump import Dump
from enertrack.original.people import Account, Limit, Link, Meter, Original, understand
from enertrack.original.take import Taken, take
from enertrack.stores import nodes, users
from enertrack.stores.database import engine_of
from enertrack.stores.migration import upgrade
from enertrack.stores.tables import Role
from tests.original.source import HASHES, HOUSE, SHOP
from tests.support.mariadb import Database

ZONE = "America/Argentina/Buenos_Aires"
HASH = HASHES["ana"]


def day(number: int) -> datetime:
    return datetime(2025, 1, number, tzinfo=UTC)


def original() -> Original:
    return Original(
        accounts=[Account(7, "ana", HASH, 111, day(1)), Account(8, "bruno", HASH, 111, day(2))],
        meters=[Meter(3, HOUSE, None, None, day(1)), Meter(4, SHOP, "Tienda", "La tienda", day(1))],
        links=[Link(7, 3, "Casa", "Mi casa", day(1)), Link(8, 3, None, "otra", day(2)), Link(8, 4, None, None, day(3))],
        limits={(7, 3): Limit(7, 3, Decimal("3.5"), active=True), (8, 3): Limit(8, 3, Decimal(2), active=False)},
    )


@pytest.fixture
async def engine(mariadb_database: Database) -> AsyncIterator[AsyncEngine]:
    await upgrade(mariadb_database.url)
    engine = engine_of(mariadb_database.url)
    yield engine
    await engine.dispose()


def counts(taken: Taken) -> dict[str, tuple[int, int]]:
    return {kind: (c.new, c.known) for kind, c in taken.counts.items()}


async def roles(engine: AsyncEngine, name: str) -> dict[str, Role]:
    user = await users.user_by_name(engine, name)
    assert user
    return {m.node.esp_id: m.rol for m in await nodes.memberships(engine, user.id)}


async def test_everything_comes_once(engine: AsyncEngine) -> None:
    taken = await take(engine, original(), ZONE, dry=False)
    assert counts(taken) == {"usuarios": (2, 0), "medidores": (2, 0), "vínculos": (3, 0), "umbrales": (2, 0)}
    assert await roles(engine, "ana") == {HOUSE: Role.PROPIETARIO}
    assert await roles(engine, "bruno") == {HOUSE: Role.LECTOR, SHOP: Role.PROPIETARIO}
    assert [n.nombre for n in await nodes.all_nodes(engine)] == ["Mi casa", "Tienda"]
    assert taken.told == ["el chat de Telegram de 'bruno': ya es de otra persona; que lo vincule de nuevo"]
    again = await take(engine, original(), ZONE, dry=False)
    assert counts(again) == {"usuarios": (0, 2), "medidores": (0, 2), "vínculos": (0, 3), "umbrales": (0, 2)}
    assert again.boards == taken.boards


async def test_a_dry_run_undoes_all(engine: AsyncEngine) -> None:
    taken = await take(engine, original(), ZONE, dry=True)
    assert counts(taken)["usuarios"] == (2, 0)
    assert await nodes.all_nodes(engine) == []
    assert await users.user_by_name(engine, "ana") is None


async def test_who_has_signed_in_since_is_known_again(engine: AsyncEngine) -> None:
    taken = await take(engine, original(), ZONE, dry=False)
    await users.set_password_hash(engine, taken.users[7], "scrypt:32768:8:3$otra$" + "0" * 128)
    again = await take(engine, original(), ZONE, dry=False)
    assert again.users == taken.users
    assert again.told == []


async def test_what_people_changed_here_stays(engine: AsyncEngine) -> None:
    taken = await take(engine, original(), ZONE, dry=False)
    house = taken.boards[HOUSE]
    await nodes.link_user(engine, user_id=taken.users[8], node_id=house, rol=Role.GESTOR)
    await nodes.unlink_user(engine, user_id=taken.users[8], node_id=taken.boards[SHOP])
    assert counts(await take(engine, original(), ZONE, dry=False))["vínculos"] == (0, 3)
    assert await roles(engine, "bruno") == {HOUSE: Role.GESTOR}


async def test_a_name_that_is_anothers_here_stays_theirs(engine: AsyncEngine) -> None:
    other = await users.add_user(engine, nombre_usuario="ANA", password_hash="otra")
    taken = await take(engine, original(), ZONE, dry=False)
    assert taken.told[0].startswith("el usuario 'ana': aquí hay otro de ese nombre")
    assert await nodes.memberships(engine, other) == []
    known = await users.user_by_id(engine, other)
    assert known
    assert known.password_hash == "otra"
    # Nobody becomes owner in Ana's place.
    assert await roles(engine, "bruno") == {HOUSE: Role.LECTOR, SHOP: Role.PROPIETARIO}
    assert any("viene sin propietario" in line for line in taken.told)


async def test_a_meter_that_is_anothers_here_stays_theirs(engine: AsyncEngine) -> None:
    other = await users.add_user(engine, nombre_usuario="carla", password_hash="otra")
    node = await nodes.add_node(engine, esp_id=HOUSE, nombre="De Carla", zona_horaria="Europe/Madrid", protocolo=1)
    await nodes.link_user(engine, user_id=other, node_id=node, rol=Role.PROPIETARIO)
    taken = await take(engine, original(), ZONE, dry=False)
    assert taken.boards.keys() == {SHOP}
    assert any(HOUSE in line and "es de otra persona" in line for line in taken.told)
    assert await roles(engine, "ana") == {}
    assert await roles(engine, "bruno") == {SHOP: Role.PROPIETARIO}


async def test_a_meter_that_waits_here_for_its_owner_is_joined(engine: AsyncEngine) -> None:
    node = await nodes.add_node(engine, esp_id=HOUSE, nombre="Casa", zona_horaria="Europe/Madrid", protocolo=1)
    taken = await take(engine, original(), ZONE, dry=False)
    assert taken.boards[HOUSE] == node
    assert await roles(engine, "ana") == {HOUSE: Role.PROPIETARIO}


def rows(**user: str | None) -> Dump:
    account = {"usuario_id": "1", "nombreusuario": "ana", "password_hash": HASH} | user
    return Dump(tables={"Usuarios": [account], "Nodos": [], "UsuariosNodos": []})


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"nombreusuario": ""}, "está vacío"),
        ({"nombreusuario": "a" * 81}, "demasiado largo"),
        ({"nombreusuario": "ana\n"}, "no se puede escribir"),
        ({"password_hash": None}, "no tiene la forma"),
        ({"password_hash": "plain$$clave"}, "no tiene la forma"),
        ({"password_hash": HASH.replace("32768", "1073741824")}, "no tiene la forma"),
        ({"password_hash": HASH.replace(":8:1", ":8:9")}, "no tiene la forma"),
    ],
)
def test_accounts_that_cannot_be_theirs_are_told(user: dict[str, str | None], told: str) -> None:
    found = understand(rows(**user))
    assert found.accounts == []
    assert told in found.told[0]


@pytest.mark.parametrize(("chat", "kept"), [("123", 123), ("-100123", -100123), (None, None), ("@ana", None)])
def test_a_chat_is_a_number(chat: str | None, kept: int | None) -> None:
    (account,) = understand(rows(telegram_chat_id=chat)).accounts
    assert account.chat_id == kept


def test_only_ids_of_the_originals_boards_are_meters() -> None:
    dump = rows()
    ids = ["1265b7a0 ", "1265B7A", "A0B76512F3C8", '1265B7A0" or true', "", None]
    dump.tables["Nodos"] = [{"nodo_id": str(i), "esp_id": esp_id} for i, esp_id in enumerate(ids)]
    found = understand(dump)
    assert [m.esp_id for m in found.meters] == [HOUSE]
    assert len(found.told) == 5


@pytest.mark.parametrize("kw", ["0", "-1", "NaN", "mucho", None, "1e9"])
def test_a_limit_is_a_power(kw: str | None) -> None:
    dump = rows()
    dump.tables["UmbralesNodo"] = [{"usuario_id": "1", "nodo_id": "1", "umbral_kw": kw}]
    found = understand(dump)
    assert found.limits == {}
    assert "no es una potencia" in found.told[0]
