"""How often something may be done in a while: guesses at passwords and codes, new accounts, letters."""

import ipaddress
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

MAX_GUESSES: Final = 5
"""Of one client."""
MAX_OF_ALL: Final = 30
"""Of all clients together at one account: what no botnet guesses a password with."""
MAX_CODES: Final = 10
"""A million codes, three of them right at any time: years."""
MAX_KEYS: Final = 10_000
MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0


class Rule(NamedTuple):
    """As many events in as many seconds."""

    limit: int
    window_s: float


RULES: Final[Mapping[str, Rule]] = {
    "direccion": Rule(MAX_GUESSES, MINUTE_S),
    "cuenta": Rule(MAX_OF_ALL, MINUTE_S),
    "nombre": Rule(MAX_OF_ALL, MINUTE_S),
    "equipo-cuenta": Rule(MAX_GUESSES, MINUTE_S),
    "codigo": Rule(MAX_CODES, HOUR_S),
    "equipo-codigo": Rule(MAX_CODES, HOUR_S),
    "registro": Rule(10, MINUTE_S),
    "carta": Rule(3, HOUR_S),
    "oferta": Rule(20, HOUR_S),
}
"""``nombre`` is one of no account, ``equipo`` a browser that its person has used, ``carta`` a letter to somebody,
``oferta`` one of a person's to people whom they choose."""


def by_address(address: str) -> str:
    """Key of a client: its IPv4 address, or its IPv6 network, as one home holds many addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.version == 4:  # noqa: PLR2004 - the number of the protocol
        return str(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False))


class Limiter:
    """Counts events by key, which is "kind:value"; ``rules`` are by kind.

    Memory is bounded by forgetting a kind's oldest key. Kinds do not share it: names that an attacker invents push
    nothing out but each other.
    """

    def __init__(self, rules: Mapping[str, Rule] = RULES, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._events: defaultdict[str, dict[str, deque[float]]] = defaultdict(dict)

    def take(self, keys: Iterable[str]) -> bool:
        """Count one event under each key, unless one of them is full."""
        rows = {key: self._row(key) for key in keys}
        if any(len(row) >= self._rule(key).limit for key, row in rows.items()):
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

    def _rule(self, key: str) -> Rule:
        return self._rules[key.partition(":")[0]]

    def _row(self, key: str) -> deque[float]:
        kind = self._events[key.partition(":")[0]]
        row = kind.pop(key, None) or deque()
        kind[key] = row
        while row and row[0] <= self._clock() - self._rule(key).window_s:
            row.popleft()
        while len(kind) > MAX_KEYS:
            del kind[next(iter(kind))]
        return row
