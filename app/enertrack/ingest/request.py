"""Ask the ingest that keeps the summaries, on whatever host it runs, to go through all of them now."""

import asyncio
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.ingest.summaries import FULL
from enertrack.settings import Settings
from enertrack.stores import states
from enertrack.stores.database import create_engine

LOOK_S: Final = 2.0


async def reconcile_now(settings: Settings) -> None:
    """Ask, and return when it is done. Raises DatabaseAway."""
    engine = create_engine(settings)
    try:
        await asked(engine)
    finally:
        await engine.dispose()


async def asked(engine: AsyncEngine) -> None:
    """Forget when everything was last gone through, and wait until it has been again. Raises DatabaseAway."""
    await states.put(engine, FULL, "")
    while not await states.get(engine, FULL):  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(LOOK_S)
