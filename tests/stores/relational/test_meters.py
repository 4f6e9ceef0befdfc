"""A meter's row and account: both or neither, whatever fails on the way."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.broker.accounts import Credential, ServiceAccount, new_password
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.broker.rights import Meter
from enertrack.stores.database import DatabaseAway, Taken, connection, engine_of
from enertrack.stores.meters import Author, Unknown, Wanted, change_board, enrol, renew, retire
from enertrack.stores.nodes import all_nodes, membership, record_state
from enertrack.stores.tables import Role, auditoria
from enertrack.stores.users import add_user

METER = Meter("A0B1C2D3E4F5")
AUTHOR = Author(datetime(2026, 3, 1, 12, tzinfo=UTC))
WANTED = Wanted(meter=METER, nombre="Casa", zona_horaria="Europe/Madrid")


class Fakes:
    """Accounts in memory; the next call fails with ``fails``, once done with ``after``."""

    def __init__(self) -> None:
        self.known: dict[str, Credential] = {}
        self.fails: Exception | None = None
        self.after: BaseException | None = None

    async def grant(self, meter: Meter) -> Credential | None:
        self._fail()
        credential = self.known[meter.esp_id] = Credential(meter.esp_id, new_password(), meter.client_id)
        if self.after:
            raise self.after
        return credential

    async def revoke(self, meter: Meter) -> bool:
        self._fail()
        self.known.pop(meter.esp_id, None)
        return True

    async def meters(self) -> set[str] | None:
        return set(self.known)

    async def set_up(self, wanted: Sequence[ServiceAccount]) -> list[str]:
        return [x.user for x in wanted]

    def _fail(self) -> None:
        if self.fails:
            raise self.fails


@pytest.fixture
def accounts() -> Fakes:
    return Fakes()


async def events(engine: AsyncEngine) -> list[tuple[str, object]]:
    async with connection(engine) as conn:
        rows = await conn.execute(select(auditoria.c.accion, auditoria.c.detalle).order_by(auditoria.c.id))
        return [(row.accion, row.detalle) for row in rows]


async def test_a_meter_comes_with_its_account_owner_and_audit(engine: AsyncEngine, accounts: Fakes) -> None:
    ana = await add_user(engine, nombre_usuario="ana", password_hash="h")
    wanted = Wanted(meter=METER, nombre="Casa", zona_horaria="Europe/Madrid", potencia_max_w=5750.0, owner_id=ana)
    done = await enrol(engine, accounts, wanted, AUTHOR)
    assert done.credential == accounts.known[METER.esp_id]
    mine = await membership(engine, ana, METER.esp_id)
    assert mine is not None
    assert (mine.node.id, mine.rol, mine.node.potencia_max_w) == (done.node_id, Role.PROPIETARIO, 5750.0)
    assert await events(engine) == [("nodo_alta", {"esp_id": METER.esp_id})]
    assert done.credential.password.get_secret_value() not in str(await events(engine))


async def test_a_meter_that_exists_keeps_its_account(engine: AsyncEngine, accounts: Fakes) -> None:
    first = await enrol(engine, accounts, WANTED, AUTHOR)
    with pytest.raises(Taken):
        await enrol(engine, accounts, WANTED, AUTHOR)
    assert accounts.known[METER.esp_id] == first.credential
    assert len(await events(engine)) == 1


async def test_without_its_account_no_node_is_made(engine: AsyncEngine, accounts: Fakes) -> None:
    accounts.fails = BrokerAway("x")
    with pytest.raises(BrokerAway):
        await enrol(engine, accounts, WANTED, AUTHOR)
    assert await all_nodes(engine) == []
    assert await events(engine) == []
    accounts.fails = None
    assert (await enrol(engine, accounts, WANTED, AUTHOR)).credential


@pytest.mark.parametrize("end", [KeyboardInterrupt(), BrokerAway("answer lost"), DatabaseAway("x")])
async def test_an_account_without_its_node_is_taken_back(
    end: BaseException, engine: AsyncEngine, accounts: Fakes
) -> None:
    accounts.after = end
    with pytest.raises(type(end)):
        await enrol(engine, accounts, WANTED, AUTHOR)
    assert await all_nodes(engine) == []
    assert accounts.known == {}


async def test_no_account_is_touched_while_the_tables_are_away(accounts: Fakes, tmp_path: Path) -> None:
    away = engine_of(f"mysql+aiomysql://x@localhost/x?unix_socket={tmp_path / 'no'}")
    accounts.known[METER.esp_id] = kept = Credential(METER.esp_id, new_password(), METER.client_id)
    with pytest.raises(DatabaseAway):
        await enrol(away, accounts, WANTED, AUTHOR)
    for work in (renew, retire):
        with pytest.raises(DatabaseAway):
            await work(away, accounts, METER.esp_id, AUTHOR)
    assert accounts.known == {METER.esp_id: kept}


async def test_a_meter_goes_and_comes_back(engine: AsyncEngine, accounts: Fakes) -> None:
    first = await enrol(engine, accounts, WANTED, AUTHOR)
    for _ in range(2):
        assert await retire(engine, accounts, METER.esp_id, AUTHOR)
    assert accounts.known == {}
    assert [n.activo for n in await all_nodes(engine)] == [False]
    again = await renew(engine, accounts, METER.esp_id, AUTHOR)
    assert again.node_id == first.node_id
    assert again.credential == accounts.known[METER.esp_id] != first.credential
    assert [n.activo for n in await all_nodes(engine)] == [True]
    assert [accion for accion, _ in await events(engine)] == ["nodo_alta", "nodo_baja", "cuenta_renovada"]


async def test_while_the_broker_is_away_a_meter_neither_goes_nor_comes_back(
    engine: AsyncEngine, accounts: Fakes
) -> None:
    await enrol(engine, accounts, WANTED, AUTHOR)
    accounts.fails = BrokerAway("x")
    for work in (retire, renew):
        with pytest.raises(BrokerAway):
            await work(engine, accounts, METER.esp_id, AUTHOR)
    assert [n.activo for n in await all_nodes(engine)] == [True]
    assert len(await events(engine)) == 1
    assert METER.esp_id in accounts.known


@pytest.mark.parametrize("esp_id", ["A0B1C2D3E4F6", "", "ñ", "' OR 1=1", "a0b1c2d3e4f5", "A0B1C2D3E4F5 "])
async def test_what_is_no_meter_is_unknown(esp_id: str, engine: AsyncEngine, accounts: Fakes) -> None:
    await enrol(engine, accounts, WANTED, AUTHOR)
    for work in (retire, renew):
        with pytest.raises(Unknown):
            await work(engine, accounts, esp_id, AUTHOR)


NEW = Meter("A0B1C2D3E4FF")


async def test_another_board_has_the_account_and_the_node(engine: AsyncEngine, accounts: Fakes) -> None:
    first = await enrol(engine, accounts, WANTED, AUTHOR)
    state = {"en_linea": True, "firmware": "1.4.0", "senal_dbm": -61}
    await record_state(engine, first.node_id, momento=AUTHOR.momento, **state)  # type: ignore[arg-type]
    done = await change_board(engine, accounts, METER.esp_id, NEW, AUTHOR)
    assert accounts.known == {NEW.esp_id: done.credential}
    [node] = await all_nodes(engine)
    assert (node.id, node.esp_id, node.placa) == (first.node_id, NEW.esp_id, 1)
    assert (node.en_linea, node.firmware, node.senal_dbm) == (None, None, None)
    assert (await events(engine))[-1] == ("placa_cambiada", {"esp_id": NEW.esp_id, "anterior": METER.esp_id})
    old = await change_board(engine, accounts, NEW.esp_id, METER, AUTHOR)
    assert [n.placa for n in await all_nodes(engine)] == [2]
    assert accounts.known == {METER.esp_id: old.credential}


async def test_a_board_that_a_node_has_takes_no_others_place(engine: AsyncEngine, accounts: Fakes) -> None:
    await enrol(engine, accounts, WANTED, AUTHOR)
    await enrol(engine, accounts, Wanted(meter=NEW, nombre="Otra", zona_horaria="UTC"), AUTHOR)
    kept = dict(accounts.known)
    for board in (METER, NEW):
        with pytest.raises(Taken):
            await change_board(engine, accounts, METER.esp_id, board, AUTHOR)
    with pytest.raises(Unknown):
        await change_board(engine, accounts, "A0B1C2D3E400", Meter("A0B1C2D3E401"), AUTHOR)
    assert accounts.known == kept


@pytest.mark.parametrize("end", [KeyboardInterrupt(), BrokerAway("answer lost"), DatabaseAway("x")])
async def test_a_change_that_fails_leaves_the_board_before(
    end: BaseException, engine: AsyncEngine, accounts: Fakes
) -> None:
    await enrol(engine, accounts, WANTED, AUTHOR)
    accounts.after = end
    with pytest.raises(type(end)):
        await change_board(engine, accounts, METER.esp_id, NEW, AUTHOR)
    assert set(accounts.known) == {METER.esp_id}
    assert [(n.esp_id, n.placa) for n in await all_nodes(engine)] == [(METER.esp_id, 0)]
