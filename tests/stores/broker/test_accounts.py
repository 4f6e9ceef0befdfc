"""Accounts as they come and go: on a real Mosquitto, and where a person makes them."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from aiomqtt import MqttError, ProtocolVersion
from pydantic import SecretStr

from enertrack.stores.broker.accounts import Accounts, AccountsFailed, Credential, ServiceAccount, new_password
from enertrack.stores.broker.byhand import ByHand, instructions
from enertrack.stores.broker.client import Account, BrokerAway, Link, NotLetIn, connect
from enertrack.stores.broker.control import Command, control
from enertrack.stores.broker.dynsec import Dynsec
from enertrack.stores.broker.open import open_accounts
from enertrack.stores.broker.rights import INGEST, ORIGINAL_BOARDS, SERVICES, SHARED, Meter
from tests.ingest.conftest import settings_for
from tests.support.accounts import BOARDS, MINE, OTHER, VERSIONS, WITNESS, Town
from tests.support.mosquitto import Mosquitto

NEW = Meter("A0B7650000AA")
CUT_OFF_S = 5
"""What the protocol promises to whoever takes an account away."""


def entering(town: Town, meter: Meter, password: SecretStr, *, clean: bool = True) -> AbstractAsyncContextManager[Link]:
    account = Account(meter.esp_id, password.get_secret_value())
    return connect(town.settings, client_id=meter.client_id, account=account, clean=clean)


async def cut_off(link: Link) -> bool:
    async with asyncio.timeout(CUT_OFF_S):
        with pytest.raises(BrokerAway):
            await link.take_all()
    return True


@pytest.fixture(params=["dynsec", "ninguna"])
def accounts(request: pytest.FixtureRequest, town: Town) -> Accounts:
    return open_accounts(town.settings.model_copy(update={"enertrack_cuentas_broker": request.param}))


@pytest.fixture
async def gone(town: Town) -> AsyncIterator[None]:
    yield
    await town.accounts.revoke(NEW)


@pytest.mark.usefixtures("gone")
async def test_everything_may_be_repeated(accounts: Accounts) -> None:
    managed = isinstance(accounts, Dynsec)
    given = [await accounts.grant(NEW) for _ in range(2)]
    known = await accounts.meters()
    assert [isinstance(c, Credential) for c in given] == [managed] * 2
    assert (known is not None) == managed
    assert known is None or NEW.esp_id in known
    assert [await accounts.revoke(NEW) for _ in range(2)] == [managed] * 2
    assert NEW.esp_id not in (await accounts.meters() or ())


def test_a_password_can_be_typed_and_not_guessed() -> None:
    some = {new_password().get_secret_value() for _ in range(1000)}
    assert len(some) == 1000
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){6}[a-hjkmnp-z2-9]{4}", x) for x in some)
    assert 31**28 > 2**128


def test_a_password_is_not_shown_by_accident(town: Town) -> None:
    credential = Credential(MINE, town.passwords[MINE], "x")
    assert town.passwords[MINE].get_secret_value() not in f"{credential!r} {credential}"


def test_by_hand_says_which_account_and_topics() -> None:
    told = instructions(NEW.esp_id, NEW.rights, NEW.client_id)
    assert all(topic in told for topic in (*NEW.rights.publish, *NEW.rights.subscribe))
    assert f"cuenta {NEW.esp_id}" in told
    assert NEW.client_id in told


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("gone")
async def test_a_revoked_meter_is_cut_off_and_its_role_is_gone(version: ProtocolVersion, town: Town) -> None:
    credential = await town.accounts.grant(NEW)
    town.passwords[NEW.esp_id] = credential.password
    with contextlib.suppress(MqttError):
        async with town.client(NEW.esp_id, version) as client:
            await client.subscribe(NEW.rights.subscribe[0])
            await town.accounts.revoke(NEW)
            async with asyncio.timeout(CUT_OFF_S):
                with pytest.raises(MqttError):
                    await anext(client.messages)
    with pytest.raises(NotLetIn):
        async with entering(town, NEW, credential.password):
            pass
    async with control(town.settings) as plugin:
        assert f"medidor-{NEW.esp_id}" not in (await plugin.one({"command": "listRoles"})).data["roles"]


@pytest.mark.usefixtures("gone")
async def test_renewing_ends_the_session_of_the_old_password(town: Town) -> None:
    old = await town.accounts.grant(NEW)
    async with entering(town, NEW, old.password) as link:
        new = await town.accounts.grant(NEW)
        assert await cut_off(link)
    assert old.password != new.password
    with pytest.raises(NotLetIn):
        async with entering(town, NEW, old.password):
            pass
    async with entering(town, NEW, new.password) as link:
        await link.subscribe(NEW.rights.subscribe[0])


@pytest.mark.usefixtures("gone")
async def test_what_the_broker_kept_for_a_meter_goes_with_its_account(town: Town) -> None:
    ack, estado = f"enertrack/{NEW.esp_id}/ack", f"enertrack/{NEW.esp_id}/estado"
    first = await town.accounts.grant(NEW)
    async with entering(town, NEW, first.password, clean=False) as link:
        await link.subscribe(ack)
        await link.publish(estado, b'{"en_linea":true}', retain=True)
    async with town.witness() as hearing:
        await hearing.heard()
        await hearing.client.publish(ack, b"queued", 1)
        await town.accounts.revoke(NEW)
        said = [(m.topic.value, m.payload) for m in await hearing.heard()]
        assert said == [(ack, b"queued"), (estado, b'{"en_linea":false}'), (estado, b"")]
    async with town.witness() as late:
        assert await late.heard() == []
    second = await town.accounts.grant(NEW)
    async with entering(town, NEW, second.password, clean=False) as link:
        await link.subscribe(f"enertrack/{NEW.esp_id}/orden")  # its answer comes after what was queued
        assert link.waiting == 0


@pytest.mark.usefixtures("gone")
async def test_a_renewed_meter_is_off_line_until_it_has_the_new_password(town: Town) -> None:
    estado = f"enertrack/{NEW.esp_id}/estado"
    old = await town.accounts.grant(NEW)
    async with entering(town, NEW, old.password) as link:
        await link.publish(estado, b'{"en_linea":true}', retain=True)
        await town.accounts.grant(NEW)
        assert await cut_off(link)
    async with town.witness() as late:
        assert [(m.topic.value, m.payload) for m in await late.heard()] == [(estado, b'{"en_linea":false}')]


@pytest.mark.usefixtures("gone")
async def test_the_other_meters_stay_connected(town: Town) -> None:
    async with connect(town.settings, client_id=f"enertrack-{OTHER}", account=town.account(OTHER), clean=True) as link:
        await town.accounts.grant(NEW)
        await town.accounts.grant(NEW)
        await town.accounts.revoke(NEW)
        await link.publish(f"enertrack/{OTHER}/medicion", b"")


@pytest.mark.usefixtures("gone")
async def test_accounts_outlive_the_broker(town: Town) -> None:
    credential = await town.accounts.grant(NEW)
    await asyncio.to_thread(town.broker.stop)
    await asyncio.to_thread(town.broker.start)
    async with entering(town, NEW, credential.password) as link:
        await link.subscribe(NEW.rights.subscribe[0])


@pytest.mark.usefixtures("gone")
async def test_a_board_that_changes_its_protocol_changes_its_rights(town: Town) -> None:
    board = "0000BEEF"
    try:
        for meter in (Meter(board, 1), Meter(board)):
            town.passwords[board] = (await town.accounts.grant(meter)).password
        async with town.witness() as hearing, town.client(board) as client:
            await hearing.heard()
            for kind in ("tension", "medicion"):
                await client.publish(f"enertrack/{board}/{kind}", b"1", 1)
            assert [m.topic.value for m in await hearing.heard()] == [f"enertrack/{board}/medicion"]
    finally:
        await town.accounts.revoke(Meter(board))


def service(user: str, password: SecretStr) -> ServiceAccount:
    return ServiceAccount(user, user, SERVICES[user], password)


async def test_setting_up_again_changes_nothing_and_disconnects_nobody(town: Town) -> None:
    wanted = [service(user, town.passwords[user]) for user in SERVICES]
    wanted.append(ServiceAccount(BOARDS, ORIGINAL_BOARDS, SHARED, town.passwords[BOARDS]))
    async with connect(town.settings, client_id="ingesta", account=town.account(INGEST)) as link:
        assert await town.accounts.set_up(wanted) == []
        await link.publish(f"enertrack/{MINE}/ack", b"")


async def test_what_somebody_changed_is_set_right(tmp_path: Path) -> None:
    with Mosquitto.with_accounts(tmp_path) as broker:
        town = Town(broker, tmp_path)
        await town.fill()
        spoil: list[Command] = [
            {"command": "setDefaultACLAccess", "acls": [{"acltype": "subscribe", "allow": True}]},
            {"command": "addRoleACL", "rolename": INGEST, "acltype": "publishClientSend", "topic": "#", "allow": True},
            {"command": "addClientRole", "username": INGEST, "rolename": WITNESS, "priority": 5},
            {"command": "disableClient", "username": "enertrack-web"},
            {"command": "deleteClient", "username": "enertrack-doctor"},
        ]
        async with control(town.settings) as plugin:
            await plugin.ask(*spoil)
        wanted = [service(user, town.passwords[user]) for user in SERVICES]
        wanted[0] = service(INGEST, new_password())
        assert await town.accounts.set_up(wanted) == [
            "por defecto: nada se permite",
            "rol enertrack-ingest: corregido",
            "cuenta enertrack-ingest: rol corregido",
            "cuenta enertrack-ingest: clave nueva",
            "cuenta enertrack-web: clave nueva",
            "cuenta enertrack-doctor: creada",
            "cuenta placas: quitada",
        ]
        assert await town.accounts.set_up(wanted) == []
        for user in (BOARDS, INGEST):
            with pytest.raises(MqttError, match="uthori"):
                async with town.client(user):
                    pass


async def test_an_account_that_is_not_the_administrators_can_do_nothing(town: Town, tmp_path: Path) -> None:
    with pytest.raises(BrokerAway, match="no permite"):
        await Dynsec(town.settings_of(INGEST, tmp_path)).grant(NEW)


async def test_an_answer_that_was_not_expected_says_so(town: Town) -> None:
    async with control(town.settings) as plugin:
        with pytest.raises(AccountsFailed, match="deleteRole: Role not found"):
            await plugin.one({"command": "deleteRole", "rolename": "nada"})
        orders: list[Command] = [{"command": "listClients"} for _ in range(20)]
        assert len(await plugin.ask(*orders)) == 20


async def test_a_broker_without_the_plugin_does_not_answer(
    mosquitto_server: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enertrack.stores.broker.control.ANSWER_S", 0.2)
    with pytest.raises(BrokerAway, match="dynamic-security"):
        await Dynsec(settings_for(mosquitto_server.port, tmp_path)).grant(NEW)


def test_by_hand_is_what_is_chosen_by_default(tmp_path: Path) -> None:
    assert isinstance(open_accounts(settings_for(1, tmp_path)), ByHand)
