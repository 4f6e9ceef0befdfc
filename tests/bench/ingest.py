"""Ingest against a bare receiver and against one write for each message.

Every receiver is stopped (SIGSTOP) while the broker queues the messages, and timed from the moment that it goes on:
neither its start nor the generator counts.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from enertrack import settings
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Link, connect
from tests.bench.result import Budget, Result, Turns, load
from tests.bench.servers import ZONE, Servers
from tests.support.appliance import Appliance
from tests.support.flood import Flood, Message, fleet, reading
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Process, running, wait_until

METERS: Final = 50
MESSAGES: Final = 50_000
WRITTEN: Final = 2_000
"""One write for each is slow: fewer messages tell its rate as well."""
TURNS: Final = 3
DEADLINE_S: Final = 120.0
BACK_S: Final = 3 * 86_400

Receiver = Callable[[Appliance], AbstractContextManager[Process]]


class _Confirmed(msgspec.Struct):
    de: int
    a: int


@dataclass
class Bench:
    """Readings go on from turn to turn, as a meter's do."""

    servers: Servers
    folder: Path
    start: int
    sent: int = 0

    def messages(self, total: int) -> list[Message]:
        """The next readings of all meters, ``total`` in all."""
        first, each = self.sent + 1, total // METERS
        self.sent += each
        ids = fleet(METERS)
        return [reading(i, seq, self.start + seq) for seq in range(first, first + each) for i in ids]

    async def rate(self, receiver: Receiver, total: int) -> float:
        """Messages a second."""
        with Mosquitto(self.folder / f"mosquitto{self.sent}") as broker:
            appliance = self.servers.appliance.with_settings(ENERTRACK_MQTT_PUERTO=str(broker.port))
            with receiver(appliance) as process:
                async with _hearing(appliance) as link:
                    return await self._timed(process, broker, link, total)

    async def _timed(self, process: Process, broker: Mosquitto, link: Link, total: int) -> float:
        await self.servers.at_rest(process)
        process.child.send_signal(signal.SIGSTOP)
        await Flood(broker.port).publish(self.messages(total))
        began = time.monotonic()
        process.child.send_signal(signal.SIGCONT)
        async with asyncio.timeout(DEADLINE_S):
            await _confirmed(link, total)
        return total / (time.monotonic() - began)


@contextlib.asynccontextmanager
async def _hearing(appliance: Appliance) -> AsyncIterator[Link]:
    async with connect(settings.load(appliance.env), client_id="oyente") as link:
        await link.subscribe(topics.ack("+"))
        yield link


async def _confirmed(link: Link, total: int) -> None:
    known = 0
    async for message in link.messages():
        told = msgspec.json.decode(message.payload, type=_Confirmed)
        known += told.a - told.de + 1
        if known >= total:
            return


@contextlib.contextmanager
def ours(appliance: Appliance) -> Iterator[Process]:
    """``enertrack ingest``."""
    with appliance.ingest() as ingest:
        yield ingest.process


def other(way: str, total: int) -> Receiver:
    """One of ``tests.bench.receivers``."""

    @contextlib.contextmanager
    def receiver(appliance: Appliance) -> Iterator[Process]:
        log = appliance.folder / f"{way}{time.monotonic_ns()}.log"
        port = appliance.env["ENERTRACK_MQTT_PUERTO"]
        command = [sys.executable, "-m", "tests.bench.receivers", way, port, str(total)]
        with running(command, log, appliance.env) as process:
            wait_until(lambda: "listo" in process.output(), way, process)
            yield process

    return receiver


async def measure(servers: Servers, folder: Path) -> list[Result]:
    """Both ratios, from the same turns."""
    await asyncio.to_thread(servers.appliance.prepare, dict.fromkeys(fleet(METERS), ZONE))
    bench = Bench(servers, folder, int(time.time()) - BACK_S)
    busy = load()
    await bench.rate(ours, METERS)  # series and shards are made once in a meter's life
    rates: dict[str, list[float]] = {"ours": [], "bare": [], "original": []}
    for _ in range(TURNS):
        rates["bare"].append(await bench.rate(other("bare", MESSAGES), MESSAGES))
        rates["ours"].append(await bench.rate(ours, MESSAGES))
        rates["original"].append(await bench.rate(other("original", WRITTEN), WRITTEN))
    return [
        Turns("mensajes/s", rates["ours"], rates[way], busy).result(name, title, budget)
        for way, name, title, budget in (
            ("original", "ingest_original", "Ingesta / una escritura por mensaje", Budget("at least", 12)),
            ("bare", "ingest_bare", "Ingesta / aiomqtt que solo recibe", Budget("at least", 0.8)),
        )
    ]
