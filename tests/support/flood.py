"""Bounded QoS 1 load over raw MQTT 3.1.1 sockets: messages prepared beforehand, confirmations counted."""

import asyncio
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import msgspec

PACKET_IDS = 65_535
WINDOW = 1_000


class Message(msgspec.Struct, frozen=True, gc=False):
    """A publication; ``topic`` is bytes, so that one that is not UTF-8 can be sent."""

    topic: bytes
    payload: bytes


def reading(esp_id: str, seq: int, t: int, *, anillo: int = 7, energy_wh: float | None = None) -> Message:
    """One reading of one second, as a meter of protocol v2 sends it; 360 W unless a register is given."""
    wh = round(seq * 0.1, 3) if energy_wh is None else energy_wh
    body = {"t": t, "anillo": anillo, "seq": seq, "dt": 1, "e": wh, "p": 360.0, "px": 361.0}
    body |= {"u": 229.5, "i": 1.6, "fp": 0.98, "f": 50.0, "q": 0}
    return Message(f"enertrack/{esp_id}/medicion".encode(), msgspec.json.encode(body))


def fleet(n: int) -> list[str]:
    """Ids of ``n`` invented meters."""
    return [f"{0xA0B765000000 + i:012X}" for i in range(n)]


def readings(ids: Sequence[str], total: int, start: int) -> list[Message]:
    """``total`` readings shared out over meters, each meter's a second apart from ``start`` on."""
    each = total // len(ids)
    return [reading(esp_id, seq, start + seq) for seq in range(1, each + 1) for esp_id in ids]


class Flood:
    """What was published and what the broker confirmed of it."""

    def __init__(self, port: int, client_id: str = "flood") -> None:
        self.port = port
        self.client_id = client_id
        self.confirmed = 0
        self._heard = asyncio.Event()

    async def publish(self, messages: Iterable[Message], *, rate: float = 0.0) -> int:
        """Publish all, at most ``rate`` a second (0: as fast as it goes); returns how many were confirmed.

        Raises ConnectionError where the broker ends the connection.
        """
        before = self.confirmed
        reader, writer = await _connect(self.port, self.client_id)
        counting = asyncio.create_task(self._count(reader))
        try:
            sent = await self._send(writer, messages, rate, counting)
            await self.reached(before + sent, counting)
            writer.write(b"\xe0\x00")
            await writer.drain()
        finally:
            writer.close()
            counting.cancel()
        return self.confirmed - before

    async def reached(self, confirmed: int, counting: asyncio.Task[None] | None = None) -> None:
        """Return when so many messages are confirmed."""
        while self.confirmed < confirmed:
            if counting and counting.done():
                message = "the broker ended the connection"
                raise ConnectionError(message)
            self._heard.clear()
            await self._heard.wait()

    async def _send(
        self, writer: asyncio.StreamWriter, messages: Iterable[Message], rate: float, counting: asyncio.Task[None]
    ) -> int:
        base, began, sent = self.confirmed, time.monotonic(), 0
        for message, packet_id in zip(messages, _packet_ids(), strict=False):
            writer.write(_publish(message, packet_id))
            sent += 1
            if sent % 64 == 0:
                await writer.drain()
                await self.reached(base + sent - WINDOW, counting)
                if rate:
                    await asyncio.sleep(began + sent / rate - time.monotonic())
        return sent

    async def _count(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        try:
            while data := await reader.read(65_536):
                rest += data
                whole = len(rest) // 4
                self.confirmed += whole
                rest = rest[whole * 4 :]
                self._heard.set()
        finally:
            self._heard.set()


def _packet_ids() -> Iterator[int]:
    return (i % PACKET_IDS + 1 for i in count())


def _length(n: int) -> bytes:
    out = b""
    while True:
        n, digit = divmod(n, 128)
        out += bytes([digit | (128 if n else 0)])
        if not n:
            return out


def _publish(message: Message, packet_id: int) -> bytes:
    body = struct.pack("!H", len(message.topic)) + message.topic + struct.pack("!H", packet_id) + message.payload
    return b"\x32" + _length(len(body)) + body


async def _connect(port: int, client_id: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    ident = client_id.encode()
    body = b"\x00\x04MQTT\x04\x02\x00\x3c" + struct.pack("!H", len(ident)) + ident
    writer.write(b"\x10" + _length(len(body)) + body)
    answer = await reader.readexactly(4)
    if answer[3]:
        message = f"broker refuses: {answer!r}"
        raise ConnectionError(message)
    return reader, writer
