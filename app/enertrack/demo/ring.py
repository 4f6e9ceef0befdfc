"""What a meter keeps until the server says that it is stored (docs/protocol.md, ``medicion`` and ``ack``)."""

from collections import deque
from typing import Final

import msgspec

from enertrack.domain.reading import Reading

READINGS_A_MESSAGE: Final = 100
BYTES_A_MESSAGE: Final = 16_000
WEEK_OF_MINUTES: Final = 7 * 24 * 60
"""How many readings a real meter's flash holds at least."""


class _Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reading as protocol v2 writes it."""

    t: int
    anillo: int
    seq: int
    dt: int
    e: float | None = None
    p: float | None = None
    px: float | None = None
    u: float | None = None
    i: float | None = None
    fp: float | None = None
    f: float | None = None
    q: int = 0


class Message(msgspec.Struct, frozen=True):
    """One `medicion`: the readings numbered ``de``..``a``, of which there are ``count``."""

    de: int
    a: int
    count: int
    payload: bytes


class Ack(msgspec.Struct, frozen=True):
    """What the server confirms: ``de``..``a`` of ring ``anillo``; ``rechazadas`` of them it will never store."""

    anillo: int
    de: int
    a: int
    rechazadas: int = 0


class Ring:
    """Unconfirmed readings, oldest first; a full ring drops its oldest.

    ``anillo`` names the ring, ``next_seq`` is the number of the reading that comes next.
    """

    def __init__(self, anillo: int, next_seq: int = 0, capacity: int | None = WEEK_OF_MINUTES) -> None:
        self.anillo = anillo
        self.next_seq = next_seq
        self.dropped = 0
        self._kept: deque[tuple[int, bytes]] = deque()
        self._capacity = capacity

    def __len__(self) -> int:
        return len(self._kept)

    def push(self, reading: Reading) -> None:
        """Keep a reading under the next number (its own ``seq`` is not looked at)."""
        if len(self._kept) == self._capacity:
            self._kept.popleft()
            self.dropped += 1
        self._kept.append((self.next_seq, _encode(reading, self.anillo, self.next_seq)))
        self.next_seq += 1

    def oldest(self) -> Message | None:
        """The message that comes next: as many of the oldest readings as one may carry."""
        items: list[bytes] = []
        size = 1
        last = 0
        for seq, item in self._kept:
            size += len(item) + 1
            if len(items) == READINGS_A_MESSAGE or size > BYTES_A_MESSAGE:
                break
            items.append(item)
            last = seq
        if not items:
            return None
        return Message(self._kept[0][0], last, len(items), b"[" + b",".join(items) + b"]")

    def free(self, ack: Ack) -> int:
        """Forget the readings that ``ack`` confirms; returns how many. Another ring's ack frees none."""
        if ack.anillo != self.anillo:
            return 0
        before = len(self._kept)
        if self._kept and ack.de <= self._kept[0][0]:
            while self._kept and self._kept[0][0] <= ack.a:
                self._kept.popleft()
        else:
            self._kept = deque(kept for kept in self._kept if not ack.de <= kept[0] <= ack.a)
        return before - len(self._kept)

    def holds(self, message: Message) -> bool:
        """Whether some reading of ``message`` is still unconfirmed."""
        for seq, _ in self._kept:
            if seq >= message.de:
                return seq <= message.a
        return False


def _encode(r: Reading, anillo: int, seq: int) -> bytes:
    wire = _Wire(
        t=r.t,
        anillo=anillo,
        seq=seq,
        dt=r.dt,
        e=r.energia_wh,
        p=r.potencia,
        px=r.potencia_max,
        u=r.tension,
        i=r.corriente,
        fp=r.fp,
        f=r.frecuencia,
        q=r.calidad,
    )
    return msgspec.json.encode(wire)
