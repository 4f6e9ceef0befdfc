"""An installation on real servers with an account for everybody at the broker, and a meter that is only MQTT."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiomqtt

from enertrack.stores.broker.rights import INGEST, WEB
from tests.support.accounts import Town
from tests.support.appliance import Appliance, Web, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto

RING = 4021
WATT_HOURS = 120.0
PATIENCE_S = 5
"""After this a meter sends again what was not confirmed."""


@contextlib.contextmanager
def installed(folder: Path, database: Database, influxd: Influxd) -> Iterator[Web]:
    """The pages of an installation in which anybody may register, with its ingest beside them."""
    with Mosquitto.with_accounts(folder / "broker") as broker:
        town = Town(broker, folder)
        asyncio.run(town.fill())
        common = on_servers(folder, database, influxd, broker, ENERTRACK_CUENTAS_BROKER="dynsec")
        common.run("db", "upgrade")
        pages = _account(common, town, WEB).with_settings(ENERTRACK_REGISTRO="abierto")
        with _account(common, town, INGEST).ingest(), pages.web() as web:
            yield web


def _account(appliance: Appliance, town: Town, name: str) -> Appliance:
    secret = town.passwords[name].get_secret_value()
    return appliance.with_settings(ENERTRACK_MQTT_USUARIO=name, ENERTRACK_MQTT_CLAVE=secret)


@dataclass(frozen=True)
class Credential:
    """What the page shows of a new meter's account."""

    host: str
    port: int
    user: str
    password: str
    client_id: str


class Board:
    """A board that speaks the protocol (docs/protocol.md) with its credential, and no code of EnerTrack's."""

    def __init__(self, client: aiomqtt.Client, esp_id: str) -> None:
        self.client = client
        self.topic = f"enertrack/{esp_id}"
        self._heard: dict[str, list[bytes]] = {}

    async def measured(self) -> dict[str, object]:
        """Two readings, sent again until they are confirmed: a minute ago, and now. What ingest says of them."""
        now = int(time.time())
        about = {"anillo": RING, "p": 400, "px": 420, "u": 229.5, "i": 1.8, "fp": 0.97, "f": 50.0, "q": 0}
        readings = [
            {**about, "t": now - 60, "seq": 1, "dt": 0, "e": 1000.0},
            {**about, "t": now, "seq": 2, "dt": 60, "e": 1000.0 + WATT_HOURS},
        ]
        while True:
            await self.client.publish(f"{self.topic}/medicion", json.dumps(readings), 1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    told: dict[str, object] = json.loads(await self._next("ack"))
                    return told

    async def watched(self) -> None:
        """Return when the page has asked for fast values."""
        while "vivo" not in json.loads(await self._next("orden")):
            continue

    async def lives(self, power_w: float) -> None:
        """Tell the present power, as every two seconds while somebody watches."""
        await self.client.publish(f"{self.topic}/vivo", json.dumps({"p": power_w, "u": 231.0, "i": 3.3}))

    async def hears_on(self) -> None:
        """For ever; raises MqttError when the broker ends the connection."""
        async for _ in self.client.messages:
            continue

    async def _next(self, kind: str) -> bytes:
        """The next of that kind; what comes before it is kept for who asks for it."""
        while not self._heard.get(kind):
            message = await anext(aiter(self.client.messages))
            self._heard.setdefault(message.topic.value.rpartition("/")[2], []).append(bytes(message.payload))
        return self._heard[kind].pop(0)


@contextlib.asynccontextmanager
async def board(credential: Credential) -> AsyncIterator[Board]:
    """A board that has been given its credential and switched on."""
    async with aiomqtt.Client(
        credential.host,
        credential.port,
        username=credential.user,
        password=credential.password,
        identifier=credential.client_id,
    ) as client:
        for kind in ("ack", "orden"):
            await client.subscribe(f"enertrack/{credential.user}/{kind}", 1)
        yield Board(client, credential.user)
