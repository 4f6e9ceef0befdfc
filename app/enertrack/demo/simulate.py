"""``enertrack simulate``: a fleet of invented meters against any broker."""

import asyncio
import contextlib
import re
import resource
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from enertrack.demo.console import Destination, out, towards
from enertrack.demo.fleet import EVERY_S, PREFIX, Instrument, fleet, measure
from enertrack.settings import Settings, SettingsError
from enertrack.stores.broker.client import BrokerSettings
from enertrack.stores.database import Taken, create_engine
from enertrack.stores.nodes import add_node
from enertrack.supervise import until_told

LAST_ANSWERS_S: Final = 30.0
FASTEST: Final = 60.0
FILES_A_METER: Final = 4
FILES: Final = 256


class Task(msgspec.Struct, frozen=True):
    """How many meters, how many times faster than a reading a minute, for how many seconds (None: until told).

    ``prefix`` begins their ids; ``create`` adds them to the configured tables first.
    """

    nodes: int = 3
    speed: float = 1.0
    seconds: float | None = None
    prefix: str = PREFIX
    create: bool = False


class Totals(msgspec.Struct, frozen=True):
    """Readings of a fleet: confirmed, refused, waiting, and lost by full rings or for want of one; messages sent."""

    connected: int
    messages: int
    confirmed: int
    refused: int
    waiting: int
    lost: int


def totals(some: Sequence[Instrument]) -> Totals:
    """What a fleet has done so far."""
    meters = [x.meter for x in some]
    return Totals(
        connected=sum(m.connected for m in meters),
        messages=sum(m.sent for m in meters),
        confirmed=sum(m.confirmed for m in meters),
        refused=sum(m.refused for m in meters),
        waiting=sum(len(m.ring) for m in meters),
        lost=sum(m.lost + m.ring.dropped for m in meters),
    )


def main(task: Task, settings: Settings, to: Destination) -> None:
    """Run a fleet until it is told to stop or its time is over, and print what came of it."""
    if not re.fullmatch(r"[0-9A-F]{6}", task.prefix):
        raise SettingsError(
            [f"--prefix: deben ser 6 cifras hexadecimales en mayúsculas (se leyó {task.prefix[:80]!a})"]
        )
    if not 0 < task.speed <= FASTEST:
        raise SettingsError([f"--speed: debe ser mayor que 0 y hasta {FASTEST:.0f} (una lectura por segundo)"])
    settings = towards(settings, to)
    _allow_files(FILES + FILES_A_METER * task.nodes)
    some = fleet(task.nodes, settings.zone, task.prefix)
    asyncio.run(until_told(_run(some, task, settings)))
    done = totals(some)
    out.print(
        f"mensajes={done.messages} confirmadas={done.confirmed} rechazadas={done.refused} "
        f"en_espera={done.waiting} perdidas={done.lost}"
    )


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SettingsError(
            [f"--nodes: el sistema permite {hard} archivos abiertos y harían falta {wanted} (ulimit -n)"]
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def _run(some: list[Instrument], task: Task, settings: Settings) -> None:
    if task.create:
        await create(some, settings)
    with out.status("") as status:

        async def tell() -> None:
            while True:
                now = totals(some)
                status.update(
                    f"{now.connected}/{len(some)} conectados · {now.confirmed} lecturas confirmadas · "
                    f"{now.waiting} en espera"
                )
                await asyncio.sleep(1)

        telling = asyncio.create_task(tell())
        try:
            await simulate(some, settings, task.speed, task.seconds)
        finally:
            telling.cancel()


async def simulate(
    some: Sequence[Instrument], settings: BrokerSettings, speed: float = 1.0, seconds: float | None = None
) -> None:
    """Run meters for ``seconds``, then until the last answers are in, for at most half a minute."""
    async with _delivering(some, settings):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
                for x in some:
                    tasks.create_task(measure(x, EVERY_S / speed))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_ANSWERS_S):
                await asyncio.gather(*(x.meter.emptied() for x in some))


@contextlib.asynccontextmanager
async def _delivering(some: Sequence[Instrument], settings: BrokerSettings) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(x.meter.run(settings)) for x in some]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def create(some: Sequence[Instrument], settings: Settings) -> None:
    """Add the meters that are missing to the configured tables. Raises DatabaseAway."""
    engine = create_engine(settings)
    try:
        for number, x in enumerate(some, 1):
            with contextlib.suppress(Taken):
                await add_node(
                    engine,
                    esp_id=x.meter.esp_id,
                    nombre=f"{x.site.place} simulado {number}",
                    zona_horaria=x.site.zone.key,
                )
    finally:
        await engine.dispose()
