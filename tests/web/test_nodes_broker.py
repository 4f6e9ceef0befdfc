"""Meters' accounts made on the pages, by the web's own account, on a real Mosquitto with dynamic security."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiomqtt import ProtocolVersion
from pydantic import SecretStr

from enertrack.settings import Settings
from enertrack.stores.broker.client import BrokerAway, Link, connect
from enertrack.stores.broker.rights import Meter
from enertrack.stores.nodes import node_of
from tests.stores.broker.test_rights import KINDS, LEAVES, TOPICS, WILDCARDS, every
from tests.support.accounts import VERSIONS, Town
from tests.support.mosquitto import Mosquitto
from tests.web.conftest import Browser, Site
from tests.web.test_nodes_care import send
from tests.web.test_nodes_fleet import NEW

BOARD = "A0B76512C4D9"
OTHER_BOARD = "A0B76512C4DE"
CUT_OFF_S = 5
"""What is promised to whoever takes an account away."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("cuentas")
    with Mosquitto.with_accounts(folder) as broker:
        made = Town(broker, folder)
        asyncio.run(made.fill())
        yield made


@pytest.fixture
def settings(town: Town, tmp_path: Path) -> Settings:
    more = {"enertrack_cuentas_broker": "dynsec", "dominio": "casa.example", "flask_secret_key": None}
    return town.settings_of("enertrack-web", tmp_path, **more)


@pytest.fixture(autouse=True)
async def gone(town: Town) -> AsyncIterator[None]:
    yield
    for esp_id in (BOARD, OTHER_BOARD):
        await town.accounts.revoke(Meter(esp_id))


def take(town: Town, text: str) -> str:
    """Keep the credential that a page shows, as a person does; whose it is."""
    found = re.search(r'id="todo">mqtts://(\w+):([\w-]+)@casa.example:8883<', text)
    assert found, text
    assert "<svg viewBox" in text
    town.passwords[found[1]] = SecretStr(found[2])
    return found[1]


async def added(site: Site, town: Town, esp_id: str = BOARD) -> Browser:
    browser = await site.signed_in("ana")
    status, text = await send(browser, "/nodos/nuevo", NEW | {"esp_id": esp_id})
    assert status == 200, text
    assert take(town, text) == esp_id
    return browser


def in_files(folder: Path, secret: str) -> list[str]:
    """The files, of the tables among them, that hold it."""
    return [f.name for f in folder.glob("*") if f.is_file() and secret.encode() in f.read_bytes()]


@contextlib.asynccontextmanager
async def entered(town: Town, esp_id: str = BOARD) -> AsyncIterator[Link]:
    async with connect(town.settings, client_id=f"enertrack-{esp_id}", account=town.account(esp_id)) as link:
        yield link


async def cut_off(link: Link) -> bool:
    async with asyncio.timeout(CUT_OFF_S):
        with pytest.raises(BrokerAway):
            await link.take_all()
    return True


@pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])
async def test_a_credential_of_the_page_speaks_and_hears_as_its_meter_only(
    site: Site, town: Town, version: ProtocolVersion
) -> None:
    await added(site, town)
    own = every(("medicion", "estado", "vivo", "config/actual", "ota/estado"), [BOARD])
    told = every(("ack", "orden", "config", "ota"), [BOARD])
    topics = TOPICS | every((*KINDS, *LEAVES), [BOARD])
    async with town.witness() as hearing, town.client(BOARD, version) as client:
        await hearing.heard()
        for topic in topics:
            await client.publish(topic, b"1", 1, retain=True)
        assert {m.topic.value for m in await hearing.heard()} == own
        granted = set()
        for topic in topics | WILDCARDS:
            (code,) = await client.subscribe(topic)
            if getattr(code, "value", code) < 128:
                granted.add(topic)
        assert granted == told
        await hearing.forget(own)


async def test_a_retired_meter_is_cut_off_at_once(site: Site, town: Town) -> None:
    browser = await added(site, town)
    async with entered(town) as link:
        assert (await send(browser, f"/nodos/{BOARD}/baja"))[0] == 303
        assert await cut_off(link)
    with pytest.raises(BrokerAway):
        async with entered(town):
            pass
    status, text = await send(browser, f"/nodos/{BOARD}/reactivar")
    assert status == 200
    assert take(town, text) == BOARD
    async with entered(town) as link:
        await link.publish(f"enertrack/{BOARD}/medicion", b"1")


async def test_a_renewed_credential_cuts_the_old_one_off(site: Site, town: Town) -> None:
    browser = await added(site, town)
    async with entered(town) as link:
        old = town.passwords[BOARD]
        status, text = await send(browser, f"/nodos/{BOARD}/credencial")
        assert status == 200
        assert take(town, text) == BOARD
        assert await cut_off(link)
    assert town.passwords[BOARD] != old
    async with entered(town):
        pass


async def test_another_board_lets_the_one_before_in_no_more(site: Site, town: Town) -> None:
    browser = await added(site, town)
    before = await node_of(site.engine, BOARD)
    async with entered(town) as link:
        status, text = await send(browser, f"/nodos/{BOARD}/placa", {"esp_id": OTHER_BOARD})
        assert status == 200, text
        assert take(town, text) == OTHER_BOARD
        assert await cut_off(link)
    async with entered(town, OTHER_BOARD):
        pass
    after = await node_of(site.engine, OTHER_BOARD)
    assert before
    assert after
    assert (after.id, after.placa) == (before.id, 1)


async def test_while_the_broker_is_away_nothing_changes(site: Site, town: Town) -> None:
    browser = await added(site, town)
    await asyncio.to_thread(town.broker.stop)
    try:
        status, text = await send(browser, "/nodos/nuevo", NEW | {"esp_id": OTHER_BOARD})
        assert status == 503
        assert "no se cambió nada" in text
        for work, form in (("baja", {}), ("credencial", {}), ("placa", {"esp_id": OTHER_BOARD})):
            assert (await send(browser, f"/nodos/{BOARD}/{work}", form))[0] == 503
    finally:
        await asyncio.to_thread(town.broker.start)
    assert await node_of(site.engine, OTHER_BOARD) is None
    found = await node_of(site.engine, BOARD)
    assert found
    assert found.activo
    async with entered(town):
        pass


async def test_a_password_is_in_one_answer_and_nowhere_else(
    site: Site, town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await added(site, town)
    secret = town.passwords[BOARD].get_secret_value()
    for path in (f"/nodos/{BOARD}/ajustes", "/nodos", f"/nodos/{BOARD}"):
        assert secret not in await browser.text(path)
    assert secret not in caplog.text
    assert not await asyncio.to_thread(in_files, tmp_path, secret)
