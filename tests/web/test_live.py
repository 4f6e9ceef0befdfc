"""Live values: from a real Mosquitto to the browser's stream."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from quart.typing import TestHTTPConnectionProtocol as HttpConnection

from enertrack.domain.reading import Reading
from enertrack.settings import Settings
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Link, connect
from enertrack.stores.nodes import add_node, link_user
from enertrack.stores.users import user_by_name
from enertrack.supervise import THINGS, Health
from enertrack.web import live as live_values
from enertrack.web import stream as sent
from enertrack.web.live import QUEUE, Event, Live, Watch
from enertrack.web.process import listen
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually
from tests.web.conftest import FOREIGN, NOW, OWN, Browser, Site
from tests.web.statements import statements

DEADLINE_S = 20


class Stream:
    """The events that one browser receives."""

    def __init__(self, connection: HttpConnection) -> None:
        self._connection = connection
        self._text = ""

    async def event(self, name: str) -> dict[str, Any]:
        """The data of the next event of that name."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                found, separator, rest = self._text.partition("\n\n")
                if not separator:
                    self._text += (await self._connection.receive()).decode()
                    continue
                self._text = rest
                lines = dict(line.split(": ", 1) for line in found.splitlines() if not line.startswith(":"))
                if lines.get("event") == name:
                    data: dict[str, Any] = json.loads(lines["data"])
                    return data

    async def alive(self) -> None:
        """Wait for a heartbeat, which comes after the session was looked up."""
        async with asyncio.timeout(DEADLINE_S):
            while sent.ALIVE.decode() not in self._text:
                self._text += (await self._connection.receive()).decode()


@contextlib.asynccontextmanager
async def stream(browser: Browser, path: str) -> AsyncIterator[Stream]:
    async with browser.client.request(path) as connection:
        await connection.send_complete()
        yield Stream(connection)
        await connection.disconnect()


@pytest.fixture
def settings(settings: Settings, mosquitto_server: Mosquitto) -> Settings:
    where = {"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": mosquitto_server.port}
    return settings.model_copy(update=where)


@pytest.fixture
async def listening(site: Site) -> AsyncIterator[Live]:
    """The site's live values, connected."""
    task = asyncio.ensure_future(listen(site.services.live, Health(THINGS)))
    await eventually(lambda: _is(site.services.live.connected), "connected to the broker")
    yield site.services.live
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def meter(settings: Settings) -> AsyncIterator[Link]:
    async with connect(settings, client_id="medidor-de-prueba") as link:
        yield link


async def _is(value: bool) -> bool:  # noqa: FBT001
    return value


def _reading(t: int, **values: float) -> str:
    return json.dumps({"t": t, "anillo": 1, "seq": t % 1000, "dt": 60, **values})


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("path", ["/vivo", f"/nodos/{OWN}/vivo"])
async def test_reading_reaches_the_browser(site: Site, meter: Link, path: str) -> None:
    browser = await site.signed_in("ana")
    async with stream(browser, path) as events:
        assert await events.event("broker") == {"conectado": True}
        await meter.publish(topics.medicion(OWN), _reading(NOW - 5, p=812.5, u=231.2, i=3.6, fp=0.97, f=50.01, e=12345))
        assert await events.event("valores") == {
            "nodo": OWN,
            "t": NOW - 5,
            "leida": NOW - 5,
            "potencia": 812.5,
            "tension": 231.2,
            "corriente": 3.6,
            "fp": 0.97,
            "frecuencia": 50.01,
        }


@pytest.mark.usefixtures("listening")
async def test_others_values_stay_away(site: Site, meter: Link) -> None:
    browser = await site.signed_in("ana")
    async with stream(browser, "/vivo") as events:
        await events.event("broker")
        await meter.publish(topics.medicion(FOREIGN), _reading(NOW - 9, p=1.0))
        await meter.publish(topics.vivo(FOREIGN), b'{"p": 2.0}')
        await meter.publish(topics.vivo(OWN), b'{"p": 3.0, "u": 230.0, "i": 0.02}')
        first = await events.event("valores")
        assert (first["nodo"], first["potencia"]) == (OWN, 3.0)
        assert (await events.event("resumen"))["potencia"] == 3.0


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("path", ["/vivo", f"/nodos/{OWN}/vivo"])
async def test_what_a_meter_sends_later_of_before_it_was_theirs_stays_away(site: Site, meter: Link, path: str) -> None:
    ana = await user_by_name(site.engine, "ana")
    assert ana
    desde = datetime.fromtimestamp(NOW - 100, UTC)
    await link_user(site.engine, user_id=ana.id, node_id=site.own, rol="propietario", desde=desde)
    browser = await site.signed_in("ana")
    async with stream(browser, path) as events:
        await events.event("broker")
        await meter.publish(topics.medicion(OWN), _reading(NOW - 100, p=4321.0, fp=0.5, f=49.0))
        await meter.publish(topics.vivo(OWN), b'{"p": 3.0, "u": 230.0, "i": 0.02}')
        told = await events.event("valores")
        assert told == {"nodo": OWN, "t": NOW, "potencia": 3.0, "tension": 230.0, "corriente": 0.02}
        assert "0,50" not in await browser.text(f"/nodos/{OWN}")


@pytest.mark.usefixtures("listening")
async def test_meter_is_asked_for_fast_values_while_somebody_watches(site: Site, settings: Settings) -> None:
    async with connect(settings, client_id="oye-ordenes") as link:
        await link.subscribe(topics.orden("+"), 1)
        browser = await site.signed_in("ana")
        async with stream(browser, f"/nodos/{OWN}/vivo") as events, asyncio.timeout(DEADLINE_S):
            await events.event("broker")
            [order, *_] = await link.take_all()
        assert (order.topic, json.loads(order.payload)) == (topics.orden(OWN), {"vivo": 60})
    assert not site.services.live.watched


@pytest.mark.usefixtures("listening")
async def test_asking_goes_on_while_somebody_watches_and_ends_then(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_values, "RENEW_S", 0.01)
    monkeypatch.setattr(site.services.live, "_clock", time.time)
    async with connect(settings, client_id="oye-ordenes") as link, asyncio.timeout(DEADLINE_S):
        await link.subscribe(topics.orden("+"), 1)
        orders = link.messages()
        async with stream(await site.signed_in("ana"), "/vivo") as events:
            await events.event("broker")
            for _ in range(3):
                assert json.loads((await anext(orders)).payload) == {"vivo": 60}
        await eventually(lambda: _is(not site.services.live.watched), "nobody watches")
        await link.publish(topics.orden(OWN), "fin")
        while (await anext(orders)).payload != b"fin":
            pass
        for _ in range(50):  # as many turns as would have asked again
            await link.publish(topics.orden(OWN), "fin")
            assert (await anext(orders)).payload == b"fin"


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("path", ["/vivo", f"/nodos/{OWN}/vivo"])
async def test_an_event_asks_no_table(site: Site, meter: Link, path: str) -> None:
    browser = await site.signed_in("ana")
    async with stream(browser, path) as events:
        await events.event("broker")
        with statements(site) as asked:
            for power in range(1, 31):
                await meter.publish(topics.vivo(OWN), json.dumps({"p": float(power), "u": 230.0, "i": 0.1}))
                assert (await events.event("valores"))["potencia"] == power
        assert asked == []


@pytest.mark.usefixtures("listening")
async def test_last_will_shows_as_disconnected(site: Site, meter: Link) -> None:
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100)])
    browser = await site.signed_in("ana")
    assert 'data-state="activo"' in await browser.text(f"/nodos/{OWN}")
    async with stream(browser, f"/nodos/{OWN}/vivo") as events:
        await events.event("broker")
        await meter.publish(topics.estado(OWN), b'{"en_linea": false}')
        assert await events.event("estado") == {"nodo": OWN, "en_linea": False}
    assert 'data-state="desconectado"' in await browser.text(f"/nodos/{OWN}")


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("payload", [b"", b"x", b'{"p": "1"}', b'{"p": 1e9}', b"[]", b"\xff", b'{"en_linea": 3}'])
async def test_senseless_messages_change_nothing(site: Site, meter: Link, payload: bytes) -> None:
    for topic in (topics.vivo(OWN), topics.estado(OWN), topics.medicion(OWN)):
        await meter.publish(topic, payload)
    await meter.publish(topics.vivo(OWN), b'{"p": 7.0}')
    await eventually(lambda: _is(site.services.live.values(OWN) is not None), "the good one")
    values = site.services.live.values(OWN)
    assert values is not None
    assert (values.potencia, values.leida) == (7.0, 0)


@pytest.mark.usefixtures("listening")
async def test_old_readings_are_not_live(site: Site, meter: Link) -> None:
    await meter.publish(topics.medicion(OWN), _reading(NOW - 5, p=10.0))
    await meter.publish(topics.medicion(OWN), _reading(NOW - 500, p=99.0))
    await meter.publish(topics.vivo(FOREIGN), b'{"p": 1.0}')
    await eventually(lambda: _is(site.services.live.values(FOREIGN) is not None), "all three")
    values = site.services.live.values(OWN)
    assert values is not None
    assert values.potencia == 10.0


async def test_page_is_told_when_the_broker_goes_and_comes(site: Site, tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker") as broker:
        where = {"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": broker.port}
        live = Live(site.services.settings.model_copy(update=where), lambda: NOW)
        site.app.extensions["enertrack"] = replace(site.services, live=live)
        task = asyncio.ensure_future(listen(live, Health(THINGS)))
        await eventually(lambda: _is(live.connected), "connected")
        browser = await site.signed_in("ana")
        async with stream(browser, "/vivo") as events:
            assert await events.event("broker") == {"conectado": True}
            broker.kill()
            assert await events.event("broker") == {"conectado": False}
            page = await browser.text("/")
            assert "d-none" not in page.split("data-live-notice")[0].rsplit("<div", 1)[1]
            broker.start()
            assert await events.event("broker") == {"conectado": True}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_not_heard_is_asked_of_the_store_once(site: Site, listening: Live) -> None:
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=432)])
    browser = await site.signed_in("ana")
    assert ">432<" in await browser.text("/")
    assert listening.unknown([OWN]) == []
    await site.keep(site.own, [Reading(t=NOW - 30, dt=30, seq=2, energia_wh=6, potencia=999)])
    assert ">432<" in await browser.text("/")


async def test_slow_reader_loses_the_oldest() -> None:
    watch = Watch()
    for i in range(QUEUE + 5):
        watch.put(Event("valores", str(i)))
    first = await watch.next(1)
    assert first == Event("valores", "5")


async def test_an_end_is_not_pushed_out_by_what_comes_later() -> None:
    """Else who reads slowly, on purpose, would go on seeing what was taken from them."""
    watch = Watch()
    watch.put(None)
    for i in range(QUEUE + 5):
        watch.put(Event("valores", str(i)))
    assert await watch.next(1) is None


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("path", ["/vivo", f"/nodos/{OWN}/vivo"])
async def test_what_was_measured_before_it_was_theirs_is_no_event(site: Site, meter: Link, path: str) -> None:
    """A meter that was away delivers late what another owner's home used."""
    ana = await user_by_name(site.engine, "ana")
    assert ana is not None
    desde = datetime.fromtimestamp(NOW - 100, UTC)
    await link_user(site.engine, user_id=ana.id, node_id=site.own, rol="propietario", desde=desde)
    async with stream(await site.signed_in("ana"), path) as events:
        await events.event("broker")
        await meter.publish(topics.medicion(OWN), _reading(NOW - 500, p=99.0))
        await meter.publish(topics.medicion(OWN), _reading(NOW - 100, p=98.0))
        await meter.publish(topics.estado(OWN), b'{"en_linea": true}')
        await meter.publish(topics.medicion(OWN), _reading(NOW - 50, p=10.0))
        assert (await events.event("valores"))["potencia"] == 10.0


@pytest.mark.usefixtures("listening")
async def test_board_of_the_original_is_live_too(site: Site, meter: Link) -> None:
    node = await add_node(site.engine, esp_id="1265B7A0", nombre="Vieja", zona_horaria="Europe/Madrid", protocolo=1)
    ana = await user_by_name(site.engine, "ana")
    assert ana is not None
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="lector")
    async with stream(await site.signed_in("ana"), "/vivo") as events:
        await events.event("broker")
        await meter.publish(topics.topic("1265B7A0", "tension"), b"nan")
        await meter.publish(topics.topic(OWN, "tension"), b"229.0")
        await meter.publish(topics.topic("1265B7A0", "tension"), b"231.4")
        await meter.publish(topics.topic("1265B7A0", "potencia_prom"), b"512.0")
        first, second = await events.event("valores"), await events.event("valores")
    assert first == {"nodo": "1265B7A0", "t": NOW, "leida": NOW, "tension": 231.4}
    assert second == first | {"potencia": 512.0}


@pytest.mark.parametrize("path", ["/vivo", f"/nodos/{OWN}/vivo"])
async def test_stream_ends_with_the_session(site: Site, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "CHECK_S", 0.05)
    browser = await site.signed_in("ana")
    async with stream(browser, path) as events:
        await events.event("broker")
        await browser.post("/salir", {"csrf": await browser.token()})
        await eventually(lambda: _is(not site.services.live.watched), "the stream's end")
    async with stream(await site.signed_in("ana"), path) as events:
        await events.alive()
        assert site.services.live.watched == {OWN}


async def test_stream_ends_by_itself_so_that_who_may_see_is_asked_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "CHECK_S", 0.05)
    monkeypatch.setattr(sent, "LIFE_S", 0.1)
    async with stream(await site.signed_in("ana"), "/vivo") as events:
        await events.event("broker")
        await eventually(lambda: _is(not site.services.live.watched), "the stream's end")


async def test_streams_of_one_user_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "MOST", 2)
    ana, bruno = await site.signed_in("ana"), await site.signed_in("bruno")
    async with contextlib.AsyncExitStack() as tabs:
        for _ in range(2):
            await (await tabs.enter_async_context(stream(ana, "/vivo"))).event("broker")
        refused = await ana.get("/vivo", Accept="text/event-stream")
        assert await refused.get_data() == sent.RETRY_LATER
        await (await tabs.enter_async_context(stream(bruno, "/vivo"))).event("broker")
    await eventually(lambda: _is(not site.services.live.watched), "all tabs closed")
    async with stream(ana, "/vivo") as events:
        await events.event("broker")
