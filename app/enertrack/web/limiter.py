"""How many guesses at passwords reach the hasher."""

import ipaddress
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

MAX_GUESSES: Final = 5
"""Of one client."""
MAX_OF_ALL: Final = 30
"""Of all clients together at one account: what no botnet guesses a password with."""
WINDOW_S: Final = 60.0
MAX_KEYS: Final = 10_000


def by_address(address: str) -> str:
    """Key of a client: its IPv4 address, or its IPv6 network, as one home holds many addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:  # noqa: PLR2004 - the number of the protocol
        return str(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False))


class Limiter:
    """Counts events by key over the last minute; memory is bounded by forgetting the oldest key.

    A key is "kind:value"; ``limits`` are by kind, ``limit`` is for the others.
    """

    def __init__(
        self,
        limit: int = MAX_GUESSES,
        clock: Callable[[], float] = time.monotonic,
        limits: Mapping[str, int] = MappingProxyType({"cuenta": MAX_OF_ALL}),
    ) -> None:
        self._limit = limit
        self._limits = limits
        self._clock = clock
        self._events: dict[str, deque[float]] = {}

    def take(self, keys: Iterable[str]) -> bool:
        """Count one event under each key, unless one of them is full."""
        rows = {key: self._row(key) for key in keys}
        if any(len(row) >= self._most(key) for key, row in rows.items()):
            return False
        for row in rows.values():
            row.append(self._clock())
        return True

    def give_back(self, keys: Iterable[str]) -> None:
        """Take the newest event of each key back: it was no guess."""
        for key in keys:
            row = self._row(key)
            if row:
                row.pop()

    def _most(self, key: str) -> int:
        return self._limits.get(key.partition(":")[0], self._limit)

    def _row(self, key: str) -> deque[float]:
        row = self._events.pop(key, None) or deque()
        self._events[key] = row
        while row and row[0] <= self._clock() - WINDOW_S:
            row.popleft()
        while len(self._events) > MAX_KEYS:
            del self._events[next(iter(self._events))]
        return row
