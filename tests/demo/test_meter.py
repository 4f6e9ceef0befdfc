"""A simulated meter on a real broker, with a server that confirms as each test says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from enertrack.demo.meter import Live, Meter
from enertrack.demo.replay import Pace, StalledError, replay
from enertrack.demo.ring import Ring
from enertrack.domain.reading import Reading
from enertrack.settings import Settings, load
from enertrack.stores.broker.client import Incoming, Link, connect
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually

T = 1_780_000_000


def at(port: int) -> Settings:
    return load({}).model_copy(update={"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": port})


def some(n: int, start: int = 0) -> list[Reading]:
    return [Reading(t=T + 60 * i, dt=60, energia_wh=float(i), potencia=60.0) for i in range(start, start + n)]


class Server(NamedTuple):
    link: Link
    messages: AsyncIterator[Incoming]


@contextlib.asynccontextmanager
async def server(port: int, esp_id: str, kind: str = "medicion") -> AsyncIterator[Server]:
    """A scripted server that hears one kind of message of one meter."""
    async with connect(at(port), client_id=f"server-{esp_id}-{kind}") as link:
        await link.subscribe(f"enertrack/{esp_id}/{kind}")
        yield Server(link, link.messages())


@contextlib.asynccontextmanager
async def running(meter: Meter, port: int) -> AsyncIterator[None]:
    task = asyncio.create_task(meter.run(at(port)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_connected(meter: Meter, *, wanted: bool = True) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return meter.connected is wanted

    return check


async def heard(server: Server) -> Incoming:
    async with asyncio.timeout(30):
        return await anext(server.messages)


async def numbers(server: Server) -> list[int]:
    return [item["seq"] for item in json.loads((await heard(server)).payload)]


async def confirm(server: Server, esp_id: str, de: int, a: int, anillo: int = 7) -> None:
    ack = {"anillo": anillo, "de": de, "a": a, "rechazadas": 0, "t": [T, T]}
    await server.link.publish(f"enertrack/{esp_id}/ack", json.dumps(ack))


async def test_one_message_is_in_flight_and_the_oldest_goes_first(mosquitto_server: Mosquitto) -> None:
    meter = Meter("0000000000A1", Ring(7), answer_s=60)
    await meter.take(*some(250))
    async with server(mosquitto_server.port, meter.esp_id) as there, running(meter, mosquitto_server.port):
        assert await numbers(there) == list(range(100))
        await confirm(there, meter.esp_id, 0, 99)
        assert await numbers(there) == list(range(100, 200))
        assert meter.sent <= 2
        await confirm(there, meter.esp_id, 100, 199)
        assert await numbers(there) == list(range(200, 250))
        await confirm(there, meter.esp_id, 200, 249)
        await meter.until(lambda: not meter.ring)
    assert (meter.sent, meter.repeated, meter.confirmed) == (3, 0, 250)


async def test_the_same_message_comes_again_after_a_time_out(mosquitto_server: Mosquitto) -> None:
    meter = Meter("0000000000A2", Ring(7), answer_s=0.2)
    await meter.take(*some(3))
    async with server(mosquitto_server.port, meter.esp_id) as there, running(meter, mosquitto_server.port):
        first = await heard(there)
        await meter.take(*some(5, start=3))
        again = await heard(there)
        assert again.payload == first.payload
        await confirm(there, meter.esp_id, 0, 2)
        while (found := await numbers(there)) == [0, 1, 2]:
            assert meter.repeated
        assert found == [3, 4, 5, 6, 7]


async def test_another_rings_and_unreadable_acks_change_nothing(mosquitto_server: Mosquitto) -> None:
    meter = Meter("0000000000A3", Ring(7), answer_s=60)
    await meter.take(*some(3))
    async with server(mosquitto_server.port, meter.esp_id) as there, running(meter, mosquitto_server.port):
        assert await numbers(there) == [0, 1, 2]
        await confirm(there, meter.esp_id, 0, 2, anillo=8)
        for payload in (b"", b"\xff", b"[]", b'{"t":[1,2]}', b'{"anillo":"7","de":0,"a":2}'):
            await there.link.publish(f"enertrack/{meter.esp_id}/ack", payload)
        await confirm(there, meter.esp_id, 0, 0)
        await meter.until(lambda: meter.confirmed > 0)
        assert (meter.confirmed, len(meter.ring)) == (1, 2)


async def test_it_tells_that_it_is_there_and_its_will_that_it_is_gone(mosquitto_server: Mosquitto) -> None:
    meter = Meter("0000000000A4", Ring(7))
    async with server(mosquitto_server.port, meter.esp_id, "estado") as there:
        async with running(meter, mosquitto_server.port):
            state = json.loads((await heard(there)).payload)
            assert state["en_linea"] is True
            assert state["desde"] > T
        assert json.loads((await heard(there)).payload)["en_linea"] is False
    async with server(mosquitto_server.port, meter.esp_id, "estado") as late:
        message = await heard(late)
        assert (message.retain, json.loads(message.payload)["en_linea"]) == (True, False)


async def test_it_shows_live_values_while_they_are_asked_for(mosquitto_server: Mosquitto) -> None:
    meter = Meter("0000000000A5", Ring(7), lambda: Live(123.4, 220.5, 0.6))
    async with server(mosquitto_server.port, meter.esp_id, "vivo") as there, running(meter, mosquitto_server.port):
        await eventually(is_connected(meter), "connected")
        await there.link.publish(f"enertrack/{meter.esp_id}/orden", b'{"vivo":3}')
        for _ in range(2):
            message = await heard(there)
            assert message.qos == 0
            assert json.loads(message.payload) == {"p": 123.4, "u": 220.5, "i": 0.6}


@pytest.mark.parametrize("keeps", [True, False])
async def test_only_a_meter_that_keeps_loses_nothing_when_the_broker_is_killed(tmp_path: Path, *, keeps: bool) -> None:
    meter = Meter("0000000000A6", Ring(7), keeps=keeps, answer_s=60)
    with Mosquitto(tmp_path / "mosquitto") as broker:
        async with running(meter, broker.port):
            async with server(broker.port, meter.esp_id) as there:
                await eventually(is_connected(meter), "connected")
                await meter.take(*some(2))
                assert await numbers(there) == [0, 1]
                broker.kill()
            await eventually(is_connected(meter, wanted=False), "the meter sees that the broker is gone")
            await meter.take(*some(2, start=2))
            broker.start()
            async with server(broker.port, meter.esp_id) as there:
                await eventually(is_connected(meter), "connected")
                await meter.take(*some(1, start=4))
                got = await numbers(there)
                if keeps:
                    await confirm(there, meter.esp_id, 0, 1)
                    got += await numbers(there)
    assert got == ([0, 1, 2, 3, 4] if keeps else [2])
    assert meter.lost == (0 if keeps else 2)


async def test_a_replay_ends_when_all_is_confirmed_and_repeats_itself(mosquitto_server: Mosquitto) -> None:
    async def everything(there: Server, n: int) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        while len(got) < n:
            items = json.loads((await heard(there)).payload)
            got += items
            await confirm(there, "0000000000A7", items[0]["seq"], items[-1]["seq"], items[0]["anillo"])
        return got

    runs = []
    for _ in range(2):
        async with server(mosquitto_server.port, "0000000000A7") as there:
            hearing = asyncio.create_task(everything(there, 250))
            outcome = await replay(some(250), "0000000000A7", at(mosquitto_server.port))
            assert (outcome.confirmed, outcome.refused) == (250, 0)
            runs.append(await hearing)
    assert runs[0] == runs[1]
    assert [item["t"] for item in runs[0]] == [r.t for r in some(250)]


async def test_a_replay_that_nobody_confirms_names_the_likely_causes(mosquitto_server: Mosquitto) -> None:
    with pytest.raises(StalledError, match="no está dado de alta"):
        await replay(some(1), "0000000000A8", at(mosquitto_server.port), Pace(patience_s=0.5))


async def test_a_replay_without_a_broker_says_so(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        port = broker.port
    with pytest.raises(StalledError, match="No hay conexión con el broker"):
        await replay(some(1), "0000000000A9", at(port), Pace(patience_s=0.5))
