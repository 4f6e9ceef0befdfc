"""An MQTT broker inside this process, for the demo (amqtt: MQTT 3.1.1, keeps nothing for who is away)."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


class _Subscriptions(dict[str, Any]):
    """Those of amqtt's broker, which waits while it goes through them: as they were when it began."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.keys()))

    def items(self) -> list[tuple[str, Any]]:  # type: ignore[override]
        return list(super().items())


class _Broker(Broker):
    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Serve a client; amqtt leaves open the connection of one that broke off or spoke no MQTT."""
        try:
            await super().stream_connected(reader, writer, listener_name)
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def embedded_broker(port: int = 0) -> AsyncIterator[int]:
    """Run a broker in this event loop on a port of 127.0.0.1 (0: a free one); yields the port."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    port = port or _free_port()
    broker = _Broker(BrokerConfig(listeners={"default": ListenerConfig(bind=f"127.0.0.1:{port}")}, plugins=PLUGINS))
    broker._subscriptions = _Subscriptions()  # noqa: SLF001 - else whoever subscribes meanwhile ends it
    await broker.start()
    try:
        yield port
    finally:
        await broker.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
