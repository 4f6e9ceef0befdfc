"""One line in the log when a server behind the pages goes away, and one when it is back, however many pages want it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import ping
from enertrack.stores.measurements.protocol import Measurements
from enertrack.supervise import Health, supervise, together

EVERY_S: Final = 5.0
TABLES: Final = "tablas"
MEASUREMENTS: Final = "mediciones"


async def watch(engine: AsyncEngine, measurements: Measurements, health: Health) -> None:
    """Ask both for ever whether they answer."""
    await together(
        supervise(TABLES, partial(_ask, health, TABLES, partial(ping, engine)), health),
        supervise(MEASUREMENTS, partial(_ask, health, MEASUREMENTS, measurements.ping), health),
    )


async def _ask(health: Health, part: str, ask: Callable[[], Awaitable[None]]) -> None:
    while True:
        await ask()
        health.well(part)
        await asyncio.sleep(EVERY_S)
