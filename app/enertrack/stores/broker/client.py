"""The MQTT broker: one connection, hiding aiomqtt and paho.

MQTT 3.1.1. Where ``manual_ack`` is set a message is acknowledged only by ``Link.ack``, on the
connection that it came by: the packet ids of an older connection mean nothing to the broker, which
sends those messages again to a persistent session (MQTT 3.1.1, 4.4).
"""

import asyncio
import contextlib
import functools
import itertools
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol

import aiomqtt
import msgspec
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MessageType, MQTTErrorCode
from pydantic import SecretStr

from enertrack.domain.text import text as _
from enertrack.stores.broker.waiting import Client
from enertrack.stores.broker.wire import BufferedSocket, TlsSocket

TIMEOUT_S: Final = 10.0
CONNECT_TIMEOUT_S: Final = 5.0
KEEPALIVE_S: Final = 20
DRAIN_S: Final = 5.0
UNCONFIRMED: Final = 1000
"""How many sent messages may wait for the broker's acknowledgement before ``send`` waits too."""
_FAILED: Final = 128
_NOT_LET_IN: Final = frozenset({134, 135})
"""Bad user name or password, not authorized, as paho numbers them whatever the version of MQTT."""
_generations: Final = itertools.count(1)


class BrokerAway(Exception):
    """The broker cannot be reached, does not let us in, or the connection is lost."""


class NotLetIn(BrokerAway):
    """The broker does not know the account, or its password is another."""


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """A message, ``at`` when it came (Unix seconds); ``generation`` names the connection that it came by."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    retain: bool
    generation: int
    at: float


class Will(msgspec.Struct, frozen=True):
    """What the broker publishes for us when the connection breaks."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


class Account(msgspec.Struct, frozen=True):
    """A user of the broker."""

    user: str
    password: str


class BrokerSettings(Protocol):
    """The part of the settings that says where the broker is and who we are."""

    @property
    def dominio(self) -> str | None: ...  # noqa: D102
    @property
    def puerto_mqtts(self) -> int: ...  # noqa: D102
    @property
    def mqtt_usr(self) -> str | None: ...  # noqa: D102
    @property
    def mqtt_pass(self) -> SecretStr | None: ...  # noqa: D102
    @property
    def enertrack_mqtt_host(self) -> str | None: ...  # noqa: D102
    @property
    def enertrack_mqtt_puerto(self) -> int | None: ...  # noqa: D102
    @property
    def enertrack_mqtt_tls(self) -> bool: ...  # noqa: D102
    @property
    def enertrack_mqtt_ca(self) -> object: ...  # noqa: D102
    @property
    def enertrack_mqtt_usuario(self) -> str | None: ...  # noqa: D102
    @property
    def enertrack_mqtt_clave(self) -> SecretStr | None: ...  # noqa: D102


class Link:
    """An open connection; every method raises ``BrokerAway`` once it is lost."""

    def __init__(self, client: aiomqtt.Client, *, manual_ack: bool) -> None:
        self.generation = next(_generations)
        self._client = client
        self._paho = client._client  # noqa: SLF001 - aiomqtt has no other way to acknowledge by hand
        self._lost: asyncio.Future[None] = client._disconnected  # noqa: SLF001
        self._manual_ack = manual_ack
        self._waiting: deque[Incoming] = deque()
        self._wake = asyncio.Event()
        self._unconfirmed: set[int] = set()
        self._room = asyncio.Event()
        self._room.set()
        self._settled = asyncio.Event()
        self._settled.set()
        self._answered = self._paho.on_publish
        self._hook()

    def _hook(self) -> None:
        paho = self._paho
        paho.disable_logger()
        paho.manual_ack_set(self._manual_ack)
        paho.max_inflight_messages_set(UNCONFIRMED)
        paho.connect_timeout = CONNECT_TIMEOUT_S
        paho.on_message = self._received
        paho.on_publish = self._published
        create = paho._create_socket  # noqa: SLF001
        paho._create_socket = lambda: BufferedSocket(create())  # type: ignore[method-assign,arg-type] # noqa: SLF001
        self._lost.add_done_callback(self._on_lost)

    def _on_lost(self, lost: asyncio.Future[None]) -> None:
        if not lost.cancelled():
            lost.exception()
        self._wake.set()
        self._room.set()
        self._settled.set()

    def _received(self, _client: object, _data: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._waiting.append(
            Incoming(
                topic, bytes(message.payload), message.mid, message.qos, message.retain, self.generation, time.time()
            )
        )
        self._wake.set()

    def _published(self, client: object, data: object, mid: int, *rest: object) -> None:
        self._unconfirmed.discard(mid)
        if len(self._unconfirmed) < UNCONFIRMED:
            self._room.set()
        if not self._unconfirmed:
            self._settled.set()
        if self._answered:
            self._answered(client, data, mid, *rest)  # type: ignore[arg-type]

    def _check(self) -> None:
        if self._lost.done():
            reason = _("conexión perdida")
            raise BrokerAway(reason)

    @property
    def waiting(self) -> int:
        """How many received messages nobody has taken yet."""
        return len(self._waiting)

    async def subscribe(self, topic: str, qos: int = 1) -> None:
        """Ask for the messages of a topic, at most at ``qos``; a refusal raises too."""
        with _away():
            granted = await self._client.subscribe(topic, qos)
        if any(getattr(code, "value", code) >= _FAILED for code in granted):
            reason = _("el broker no permite suscribirse a %(topic)s", topic=topic)
            raise BrokerAway(reason)

    async def unsubscribe(self, topic: str) -> None:
        """No longer ask for a topic's messages; those that wait for the session still come."""
        with _away():
            await self._client.unsubscribe(topic)

    async def publish(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        """Publish and wait until the broker has it."""
        with _away():
            await self._client.publish(topic, payload, qos, retain)

    async def send(self, topic: str, payload: bytes | str, qos: int = 1, *, retain: bool = False) -> None:
        """Publish without waiting for the broker, save where too much of it is unconfirmed."""
        while not self._room.is_set():
            await self._room.wait()
        self._check()
        info = self._paho.publish(topic, payload, qos, retain)
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE):
            raise BrokerAway(str(info.rc))
        if qos:
            self._unconfirmed.add(info.mid)
            self._settled.clear()
            if len(self._unconfirmed) >= UNCONFIRMED:
                self._room.clear()

    async def take_all(self, patience_s: float | None = None) -> list[Incoming]:
        """All messages that wait, at least one unless none comes within ``patience_s``.

        Those of a lost connection are gone.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not self._waiting:
                    self._check()
                    self._wake.clear()
                    await self._wake.wait()
        self._check()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    async def messages(self) -> AsyncIterator[Incoming]:
        """Messages as they come, until the connection is lost."""
        while True:
            for message in await self.take_all():
                yield message

    def ack(self, *messages: Incoming) -> None:
        """Tell the broker that these are dealt with; those of an older connection are passed over."""
        packets = b"".join(_puback(m) for m in self._ours(messages))
        if packets:
            # One packet of paho's queue holds all of them: one system call instead of thousands.
            self._paho._packet_queue(MessageType.PUBACK, packets, 0, 0)  # noqa: SLF001

    def _ours(self, messages: Iterable[Incoming]) -> Iterable[Incoming]:
        if not self._manual_ack or self._lost.done():
            return ()
        return (m for m in messages if m.qos and m.generation == self.generation)

    async def drain(self, timeout_s: float = DRAIN_S) -> None:
        """Wait until the broker has confirmed all that was sent."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._settled.wait()


def _puback(message: Incoming) -> bytes:
    return b"\x40\x02" + message.mid.to_bytes(2, "big")


@contextlib.contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except (aiomqtt.MqttError, OSError, ValueError) as e:
        raise _named(e) from e


def _named(error: Exception) -> BrokerAway:
    if isinstance(error, aiomqtt.MqttCodeError) and getattr(error.rc, "value", error.rc) in _NOT_LET_IN:
        told = _("no acepta la cuenta (ENERTRACK_MQTT_USUARIO, o MQTT_USR) o su clave: %(error)s", error=error)
        return NotLetIn(told)
    return BrokerAway(str(error) or type(error).__name__)


@contextlib.asynccontextmanager
async def connect(  # noqa: PLR0913 - what a connection is
    settings: BrokerSettings,
    *,
    client_id: str,
    clean: bool = True,
    manual_ack: bool = False,
    will: Will | None = None,
    account: Account | None = None,
) -> AsyncIterator[Link]:
    """Connect to the configured broker; closed at the end with all that was sent confirmed.

    ``clean=False`` keeps the session of ``client_id`` at the broker while we are away. ``account``
    stands in for the settings' own. Raises ``BrokerAway``, ``NotLetIn``.
    """
    with _away():
        client = _client(settings, client_id, account or _account(settings), clean=clean, will=will)
    link = Link(client, manual_ack=manual_ack)
    try:
        with _away():
            await client.__aenter__()
    except BaseException:
        _abandon(client)
        raise
    try:
        yield link
    finally:
        await link.drain()
        with contextlib.suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)
        _abandon(client)


def _client(
    settings: BrokerSettings, client_id: str, account: Account | None, *, clean: bool, will: Will | None
) -> aiomqtt.Client:
    tls = settings.enertrack_mqtt_tls
    return Client(
        settings.enertrack_mqtt_host or settings.dominio or "127.0.0.1",
        settings.enertrack_mqtt_puerto or (settings.puerto_mqtts if tls else 1883),
        username=account.user if account else None,
        password=account.password if account else None,
        identifier=client_id,
        clean_session=clean,
        keepalive=KEEPALIVE_S,
        timeout=TIMEOUT_S,
        will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain) if will else None,
        tls_context=_trusting(settings.enertrack_mqtt_ca) if tls else None,
    )


def _trusting(ca: object) -> ssl.SSLContext:
    """What trusts the CA in that file, else those of the system; a CA that was renewed is read anew."""
    if not ca:
        return _context(None, 0)
    file = Path(str(ca))
    return _context(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _context(ca: Path | None, _changed: int) -> ssl.SSLContext:
    # 40 ms each: a fleet of simulated meters shares one.
    context = ssl.create_default_context(cafile=ca)
    context.sslsocket_class = TlsSocket
    return context


def _account(settings: BrokerSettings) -> Account | None:
    user, secret = settings.enertrack_mqtt_usuario, settings.enertrack_mqtt_clave
    if not user:
        user, secret = settings.mqtt_usr, settings.mqtt_pass
    return Account(user, secret.get_secret_value() if secret else "") if user else None


def _abandon(client: aiomqtt.Client) -> None:
    """Close what a failed or unfinished connection leaves open."""
    client._client._sock_close()  # noqa: SLF001
    if client._misc_task:  # noqa: SLF001
        client._misc_task.cancel()  # noqa: SLF001
