"""Worker loops that never give up: back-off, one line when a thing goes and one when it is back, the watchdog.

A part is a loop or a piece of one (``lecturas``); a thing is what parts depend on (``el broker``), told
from the exception that a part met.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from enertrack.log import event
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.database import DatabaseAway
from enertrack.stores.measurements.protocol import Unavailable

FIRST_S: Final = 0.25
TOP_S: Final = 3.0
STALE_S: Final = 60.0
FINISH_S: Final = 5.0
WATCH_S: Final = 5.0

T = TypeVar("T")
THINGS: Final[Mapping[type[Exception], str]] = {
    BrokerAway: "broker MQTT",
    Unavailable: "almacén de mediciones",
    DatabaseAway: "base de datos",
}
"""What the processes depend on."""

_log = logging.getLogger(__name__)


class _Trouble(msgspec.Struct, frozen=True):
    thing: str
    reason: str
    since: float


class Health:
    """What works and what does not, for the log, systemd and /readyz.

    ``things`` names what is away by the exception that tells of it; any other exception is a fault of
    the part itself and is logged with its trace.
    """

    def __init__(self, things: Mapping[type[Exception], str]) -> None:
        self._things = dict(things)
        self._troubles: dict[str, _Trouble] = {}
        self._marks: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._starting: set[str] = set()

    def expect(self, part: str) -> None:
        """The part is not ready until it is ``well``."""
        self.progress(part)
        self._starting.add(part)

    def progress(self, part: str) -> None:
        """The part is alive."""
        self._marks[part] = time.monotonic()

    def well(self, part: str) -> None:
        """The part does its work: what it missed is back."""
        self.progress(part)
        self._starting.discard(part)
        self._tries.pop(part, None)
        trouble = self._troubles.pop(part, None)
        if trouble and trouble.thing not in self.problems:
            seconds = round(time.monotonic() - trouble.since, 1)
            event(_log, logging.INFO, "vuelve a responder", que=trouble.thing, segundos=seconds)

    def trouble(self, part: str, error: Exception) -> None:
        """The part met ``error``; an attempt counts as progress."""
        self.progress(part)
        thing = next((name for kind, name in self._things.items() if isinstance(error, kind)), None)
        known, reason = self.problems, _reason(error)
        now = time.monotonic()
        before = self._troubles.get(part)
        since = before.since if before and before.thing == (thing or part) else now
        self._troubles[part] = _Trouble(thing or part, reason, since)
        if (thing or part) not in known:
            trace = None if thing else error
            fields = {"que": thing or part, "parte": part, "motivo": reason}
            _log.log(
                logging.WARNING if thing else logging.ERROR,
                "no responde" if thing else "falla interna",
                extra={"datos": fields},
                exc_info=trace,
            )

    @contextlib.contextmanager
    def waiting(self, part: str) -> Iterator[None]:
        """The part waits for another one, which is watched in its place."""
        self._marks.pop(part, None)
        try:
            yield
        finally:
            self.progress(part)

    @contextlib.contextmanager
    def watched(self, part: str, *pieces: str) -> Iterator[None]:
        """These pieces of ``part`` are watched for as long as this lasts; what one misses then, the part still does."""
        for piece in pieces:
            self.well(piece)
        try:
            yield
        finally:
            for piece in pieces:
                missed = self._troubles.get(piece)
                self.left(piece)
                if missed:
                    self._troubles.setdefault(part, missed)

    def left(self, part: str) -> None:
        """The part has ended and is no longer watched."""
        self._marks.pop(part, None)
        self._starting.discard(part)
        self._troubles.pop(part, None)

    def delay(self, part: str) -> float:
        """Seconds until the part's next attempt: doubling, with jitter, until it is well again."""
        tries = self._tries[part] = self._tries.get(part, 0) + 1
        return float(min(TOP_S, FIRST_S * 2 ** min(tries - 1, 10)) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter

    @property
    def problems(self) -> dict[str, str]:
        """What is away or broken now, with the reason."""
        return {t.thing: t.reason for t in list(self._troubles.values())}

    @property
    def starting(self) -> list[str]:
        """Parts that have not worked yet, a nameless one before any is known."""
        return sorted(self._starting) if self._marks else [""]

    @property
    def stale(self) -> list[str]:
        """Parts that have not moved for too long."""
        limit = time.monotonic() - STALE_S
        return [part for part, mark in list(self._marks.items()) if mark < limit]

    @property
    def status(self) -> str:
        """One line for ``systemctl status``."""
        found = "; ".join(f"{thing}: {reason}" for thing, reason in sorted(self.problems.items()))
        return found.replace("\n", " ") or "todo responde"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


async def supervise(part: str, loop: Callable[[], Awaitable[None]], health: Health) -> None:
    """Run ``loop`` for ever, again after each failure; it calls ``health.well(part)`` while it works.

    Ends when the loop returns, or by cancellation.
    """
    while True:
        health.progress(part)
        try:
            await loop()
        except Exception as e:  # noqa: BLE001 - whatever it is, the loop must run again
            health.trouble(part, e)
            await asyncio.sleep(health.delay(part))
        else:
            health.left(part)
            return


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends or fails; the others are cancelled and awaited, the first failure is raised."""
    tasks = [asyncio.ensure_future(w) for w in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def finish(work: Coroutine[Any, Any, T], patience_s: float = FINISH_S) -> T:
    """The result of ``work``, which may end even when we are cancelled meanwhile, for as long as ``patience_s``."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=patience_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` until it ends or SIGTERM or SIGINT asks for it; it is cancelled then and may finish."""
    task = asyncio.ensure_future(work)
    told = asyncio.Event()

    def stop() -> None:
        told.set()
        notify("STOPPING=1")
        task.cancel()

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told.is_set():
            raise
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


async def watchdog(health: Health) -> None:
    """Tell systemd that we are ready, how we are, and that we live while every part moves."""
    while True:
        notify("READY=1")
        notify(f"STATUS={health.status}")
        if not health.stale:
            notify("WATCHDOG=1")
        await asyncio.sleep(WATCH_S)


def notify(state: str) -> None:
    """Send a state to the service manager where there is one (sd_notify(3)); it is lost where none takes it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, contextlib.suppress(OSError):
        s.setblocking(False)
        s.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
