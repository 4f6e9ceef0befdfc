"""A broker on which each kind of account exists, and plain clients that use them, MQTT 3.1.1 and 5 alike."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final

import aiomqtt
from aiomqtt import ProtocolVersion
from pydantic import SecretStr

from enertrack.settings import Settings
from enertrack.stores.broker.accounts import ServiceAccount, new_password
from enertrack.stores.broker.client import Account
from enertrack.stores.broker.control import control
from enertrack.stores.broker.dynsec import Dynsec
from enertrack.stores.broker.rights import ORIGINAL_BOARDS, SERVICES, SHARED, Meter
from tests.ingest.conftest import settings_for
from tests.support.mosquitto import Mosquitto

MINE, OTHER, OLD = "A0B765000001", "A0B765000002", "1265B7A0"
BOARDS: Final = "placas"
"""The account that original boards share."""
WITNESS: Final = "testigo"
END: Final = "fin"
VERSIONS: Final = (ProtocolVersion.V311, ProtocolVersion.V5)


class Town:
    """The broker, its accounts' passwords by user name, and the adapter that made them."""

    def __init__(self, broker: Mosquitto, folder: Path) -> None:
        user, password = broker.admin
        account = {"enertrack_mqtt_usuario": user, "enertrack_mqtt_clave": SecretStr(password)}
        self.broker = broker
        self.settings = settings_for(broker.port, folder, **account, enertrack_cuentas_broker="dynsec")
        self.accounts = Dynsec(self.settings)
        self.passwords = {user: SecretStr(password)}

    async def fill(self) -> None:
        """Make all accounts, and a witness who hears and says everything."""
        services = [ServiceAccount(name, name, rights, new_password()) for name, rights in SERVICES.items()]
        services.append(ServiceAccount(BOARDS, ORIGINAL_BOARDS, SHARED, new_password()))
        await self.accounts.set_up(services)
        self.passwords |= {s.user: s.password for s in services}
        for meter in (Meter(MINE), Meter(OTHER), Meter(OLD, 1)):
            self.passwords[meter.esp_id] = (await self.accounts.grant(meter)).password
        kinds = ("publishClientSend", "publishClientReceive", "subscribePattern")
        role = [{"acltype": kind, "topic": "#", "allow": True} for kind in kinds]
        secret = self.passwords[WITNESS] = new_password()
        async with control(self.settings) as plugin:
            await plugin.ask(
                {"command": "createRole", "rolename": WITNESS, "acls": role},
                {"command": "createClient", "username": WITNESS, "password": secret.get_secret_value()},
                {"command": "addClientRole", "username": WITNESS, "rolename": WITNESS},
            )

    def account(self, user: str) -> Account:
        """What a connection needs."""
        return Account(user, self.passwords[user].get_secret_value())

    def settings_of(self, user: str, folder: Path, **more: Any) -> Settings:  # noqa: ANN401 - any field
        """Settings of a process that has this account."""
        account = {"enertrack_mqtt_usuario": user, "enertrack_mqtt_clave": self.passwords[user]}
        return settings_for(self.broker.port, folder, **account, **more)

    def client(
        self, user: str, version: ProtocolVersion = ProtocolVersion.V311, name: str = "", will: str = ""
    ) -> aiomqtt.Client:
        """A client that knows nothing of EnerTrack."""
        return aiomqtt.Client(
            "127.0.0.1",
            self.broker.port,
            username=user,
            password=self.passwords[user].get_secret_value(),
            identifier=name or f"enertrack-{user}",
            protocol=version,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            will=aiomqtt.Will(will, b"will", 1, retain=True) if will else None,
        )

    @contextlib.asynccontextmanager
    async def witness(self) -> AsyncIterator["Witness"]:
        """One who hears everything that the broker lets through from now on, and what it kept."""
        async with self.client(WITNESS) as client:
            await client.subscribe("#", 1)
            yield Witness(client)


class Witness:
    """Hears and says everything."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client

    async def heard(self) -> list[aiomqtt.Message]:
        """All messages up to now: what the broker has taken before this call is among them."""
        await self.client.publish(END, b"", 1)
        found: list[aiomqtt.Message] = []
        async with asyncio.timeout(30):
            async for message in self.client.messages:
                if message.topic.value == END:
                    break
                found.append(message)
        return found

    async def forget(self, topics: Iterable[str]) -> None:
        """Have the broker keep nothing for those topics."""
        for topic in topics:
            await self.client.publish(topic, b"", 1, retain=True)
