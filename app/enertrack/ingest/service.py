"""All loops of an ingest in one: as the process ``enertrack ingest``, or within the demo."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.ingest.context import Ingest
from enertrack.ingest.deadletters import DeadLetters
from enertrack.ingest.directory import REFRESH_S, Directory
from enertrack.ingest.leaves import take_leaves
from enertrack.ingest.metrics import Metrics
from enertrack.ingest.presence import date_deliveries, flush_deliveries, take_states
from enertrack.ingest.readings import drain, take_readings
from enertrack.ingest.summaries import keep_summaries
from enertrack.log import event
from enertrack.settings import Settings
from enertrack.stores.database import DatabaseAway, create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import Measurements
from enertrack.supervise import Health, finish, supervise, together

LOOPS: Final[dict[str, Callable[[Ingest], Awaitable[None]]]] = {
    "lecturas": take_readings,
    "placas originales": take_leaves,
    "estado de los medidores": take_states,
    "últimas lecturas": date_deliveries,
    "resúmenes": keep_summaries,
}
DIRECTORY: Final = "lista de medidores"

_log = logging.getLogger(__name__)


async def ingest(
    settings: Settings,
    *,
    health: Health,
    store: Measurements | None = None,
    engine: AsyncEngine | None = None,
    metrics: Metrics | None = None,
) -> None:
    """Take, store, confirm and summarize readings until cancelled; what was begun is finished then.

    Stores that are not given are opened here and closed at the end.
    """
    async with _prepared(settings, health, store, engine, metrics) as work:
        for name in (DIRECTORY, *LOOPS):
            health.expect(name)
        await together(
            supervise(DIRECTORY, partial(_keep_directory, work), health),
            *(supervise(name, partial(loop, work), health) for name, loop in LOOPS.items()),
        )


async def empty_session(settings: Settings, *, health: Health) -> None:
    """Store and confirm what the broker keeps for a retired ingest, then forget its session there."""
    async with _prepared(settings, health, None, None, None) as work:
        directory = asyncio.ensure_future(supervise(DIRECTORY, partial(_keep_directory, work), health))
        try:
            await supervise("lecturas", partial(drain, work), health)
        finally:
            directory.cancel()
            await asyncio.gather(directory, return_exceptions=True)


@contextlib.asynccontextmanager
async def _prepared(
    settings: Settings, health: Health, store: Measurements | None, engine: AsyncEngine | None, metrics: Metrics | None
) -> AsyncIterator[Ingest]:
    async with AsyncExitStack() as stack:
        if store is None:
            store = await stack.enter_async_context(open_measurements(settings))
        if engine is None:
            engine = create_engine(settings)
            stack.push_async_callback(engine.dispose)
        dead = stack.enter_context(contextlib.closing(DeadLetters(settings.enertrack_datos)))
        work = Ingest(settings, store, engine, health, Directory(engine), metrics or Metrics(), dead)
        try:
            yield work
        finally:
            await _last_deliveries(work)


async def _keep_directory(work: Ingest) -> None:
    while True:
        await finish(work.directory.refresh())
        work.health.well(DIRECTORY)
        await asyncio.sleep(REFRESH_S)


async def _last_deliveries(work: Ingest) -> None:
    try:
        await flush_deliveries(work)
    except DatabaseAway as e:
        event(_log, logging.WARNING, "no se anotaron las últimas lecturas", nodos=len(work.deliveries), motivo=e)
