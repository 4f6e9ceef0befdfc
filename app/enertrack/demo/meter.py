"""A simulated meter: protocol v2 over its own MQTT connection (docs/protocol.md)."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Final

import msgspec

from enertrack.demo.ring import Ack, Message, Ring
from enertrack.domain.decode import UNREADABLE
from enertrack.domain.reading import Reading
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Account, BrokerAway, BrokerSettings, Link, Will, connect

ANSWER_S: Final = 10.0
"""How long a message waits for its ``ack`` before it is sent again."""
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 3.0
LIVE_EVERY_S: Final = 2.0
LONGEST_LIVE_S: Final = 600


class Live(msgspec.Struct, frozen=True):
    """What a meter shows now: W, V, A."""

    p: float
    u: float
    i: float


class _Order(msgspec.Struct, frozen=True):
    vivo: int = 0


class _State(msgspec.Struct, frozen=True):
    en_linea: bool
    fw: str = "simulador"
    rssi: int = -61
    reinicio: str = "power_on"
    desde: int = 0


class Meter:
    """Delivers what it is given with ``take``: one unconfirmed message in flight, oldest first.

    With ``keeps=False`` it publishes and forgets, as a meter without a ring would. ``sent`` and
    ``repeated`` count messages; ``confirmed``, ``refused`` and ``lost`` count readings.
    """

    def __init__(
        self,
        esp_id: str,
        ring: Ring,
        shows: Callable[[], Live] | None = None,
        *,
        keeps: bool = True,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.esp_id = esp_id
        self.ring = ring
        self.connected = False
        self.sent = self.repeated = self.confirmed = self.refused = self.lost = 0
        self._shows = shows
        self._keeps = keeps
        self._answer_s = answer_s
        self._started = int(time.time())
        self._flight: Message | None = None
        self._changed = asyncio.Condition()
        self._live_until = 0.0
        self._asked = asyncio.Event()

    async def take(self, *readings: Reading) -> None:
        """Keep readings until they are confirmed; without keeping, those taken while off line are lost."""
        if not self._keeps and not self.connected:
            self.lost += len(readings)
            return
        for reading in readings:
            self.ring.push(reading)
        await self._tell()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until ``holds()``, which is asked whenever something is taken or confirmed."""
        async with self._changed:
            await self._changed.wait_for(holds)

    async def emptied(self) -> None:
        """Wait until nothing is unconfirmed."""
        await self.until(lambda: not self.ring)

    async def run(self, settings: BrokerSettings, account: Account | None = None, client_id: str = "") -> None:
        """Deliver for ever, connecting again with a growing wait when the broker is away."""
        client_id = client_id or topics.client_id(self.esp_id)
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with connect(settings, client_id=client_id, will=self._will(), account=account) as link:
                    wait_s = FIRST_WAIT_S
                    await self._converse(link)
            except* BrokerAway:
                self.connected = False
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads a fleet, guards nothing
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _converse(self, link: Link) -> None:
        await link.subscribe(topics.ack(self.esp_id))
        await link.subscribe(topics.orden(self.esp_id))
        await link.publish(topics.estado(self.esp_id), self._state(en_linea=True), retain=True)
        self.connected = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(link))
                tasks.create_task(self._deliver(link))
                tasks.create_task(self._show(link))
        except asyncio.CancelledError:
            with contextlib.suppress(BrokerAway):
                await link.send(topics.estado(self.esp_id), self._state(en_linea=False), retain=True)
            raise
        finally:
            self.connected = False

    def _state(self, *, en_linea: bool) -> bytes:
        return msgspec.json.encode(_State(en_linea, desde=self._started))

    def _will(self) -> Will:
        return Will(topics.estado(self.esp_id), self._state(en_linea=False))

    async def _deliver(self, link: Link) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: len(self.ring) > 0)
            message = self._next()
            if not self._keeps:
                self._free(Ack(self.ring.anillo, message.de, message.a))
            await link.publish(topics.medicion(self.esp_id), message.payload)
            self.sent += 1
            await self._answered(message)

    def _next(self) -> Message:
        """The message in flight while it is unconfirmed, else the next."""
        if self._flight is not None and self.ring.holds(self._flight):
            self.repeated += 1
            return self._flight
        self._flight = self.ring.oldest()
        assert self._flight is not None
        return self._flight

    async def _answered(self, message: Message) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._answer_s), self._changed:
                await self._changed.wait_for(lambda: not self.ring.holds(message))

    async def _listen(self, link: Link) -> None:
        async for message in link.messages():
            if message.retain:
                continue
            with contextlib.suppress(*UNREADABLE):
                if message.topic == topics.ack(self.esp_id):
                    self._free(msgspec.json.decode(message.payload, type=Ack))
                    await self._tell()
                elif message.topic == topics.orden(self.esp_id):
                    self._obey(msgspec.json.decode(message.payload, type=_Order))

    def _free(self, ack: Ack) -> None:
        if freed := self.ring.free(ack):
            self.confirmed += freed
            self.refused += ack.rechazadas

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _obey(self, order: _Order) -> None:
        self._live_until = time.monotonic() + min(order.vivo, LONGEST_LIVE_S)
        self._asked.set()

    async def _show(self, link: Link) -> None:
        while True:
            await self._asked.wait()
            while self._shows and time.monotonic() < self._live_until:
                await link.send(topics.vivo(self.esp_id), msgspec.json.encode(self._shows()), qos=0)
                await asyncio.sleep(LIVE_EVERY_S)
            self._asked.clear()
