"""The embedded broker and an ingest on it: meters that come and go, clients that speak nonsense."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from enertrack import settings
from enertrack.demo.meter import Meter
from enertrack.demo.ring import Ring
from enertrack.stores.broker.client import BrokerAway, connect
from tests.support.appliance import Appliance
from tests.support.fleets import minutes
from tests.support.flood import Flood, Message, reading
from tests.support.mutations import ILL_FORMED, NUMBER, mutated
from tests.support.processes import eventually, free_port
from tests.support.stored import Stored

ESP_ID = "A0B765000000"
ACK = f"enertrack/{ESP_ID}/ack"
READINGS = 2_000
CONNECT = bytes.fromhex("101000044d5154540402003c0004") + b"raro"
NONSENSE = (
    b"GET / HTTP/1.1\r\n\r\n", b"", b"\x10\xff\xff\xff\xff\xff", bytes(100), CONNECT[:9], CONNECT + CONNECT,
    CONNECT + b"\x32\xff\x7f" + bytes(50), CONNECT + b"\x30\x05\x00\x03\xff\xfe\xfd",
    CONNECT + b"\x82\x06\x00\x01\x00\x01#\x07",
)  # fmt: skip


async def speak_nonsense(port: int) -> None:
    """Bytes that are no MQTT, on connections that break off."""
    for nonsense in NONSENSE:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(nonsense)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.transport.abort()
    for topic in ILL_FORMED:
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(0.5):
                await Flood(port, "mal").publish([Message(topic, NUMBER)])


async def deliver_with_cuts(loaded: settings.Settings) -> Meter:
    """A meter that is cut off again and again, and at last has all confirmed."""
    meter = Meter(ESP_ID, Ring(9, capacity=None), answer_s=1.0)
    await meter.take(*minutes(READINGS, int(time.time()) - 60 * READINGS))
    while meter.confirmed < READINGS:
        before = meter.sent
        running = asyncio.create_task(meter.run(loaded))
        await meter.until(lambda: meter.sent > before + 1 or not meter.ring)  # noqa: B023 - awaited here
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return meter


async def keeps_a_session(loaded: settings.Settings, seq: int) -> None:
    """A client with a persistent session sends a reading and hears its ack."""
    async with connect(loaded, client_id="persistente", clean=False) as link:
        await link.subscribe(ACK)
        good = reading(ESP_ID, seq, int(time.time()), anillo=8)
        await link.publish(good.topic.decode(), good.payload)
        async for message in link.messages():
            if message.topic == ACK and b'"anillo":8,"de":%d,' % seq in message.payload:
                return


async def until_it_goes_well(work: Callable[[], Awaitable[None]]) -> None:
    """Try again where the broker takes a client that comes back at once for the one before."""

    async def went() -> bool:
        try:
            await work()
        except BrokerAway:
            return False
        return True

    await eventually(went, "the client is served")


async def test_meters_come_and_go_and_strangers_speak_nonsense(tmp_path: Path) -> None:
    port = free_port()
    appliance = Appliance(tmp_path, {})
    with appliance.demo("--days", "1", "--mqtt-port", str(port)) as demo:
        appliance.run("node", "add", ESP_ID, "--name", "Hogar", "--user", "demo")
        loaded = settings.load(appliance.env).model_copy(
            update={"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": port}
        )
        await speak_nonsense(port)
        await deliver_with_cuts(loaded)
        await Flood(port).publish(mutated(1_500, ESP_ID, int(time.time())))
        for seq in range(3):
            await until_it_goes_well(partial(keeps_a_session, loaded, seq))
        async with Stored.of(appliance) as stored:
            assert await stored.count(ESP_ID) >= READINGS
        assert demo.process.stop() == 0
        said = demo.process.output()
    assert [x for x in said.splitlines() if x.startswith("20") and " INFO demo: páginas en marcha" not in x] == []
    assert "Traceback" not in said
