"""Work that only one of several ingests may do at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from enertrack.ingest.context import Ingest
from enertrack.stores.states import Lock, advisory_lock

TURN_S: Final = 2.0


async def in_turn(ingest: Ingest, part: str, name: str, hold: Callable[[Lock], Awaitable[None]]) -> None:
    """Run ``hold`` whenever the lock ``name`` is ours, for ever. Raises DatabaseAway and what ``hold`` does."""
    await ingest.until_loaded(part)
    while True:
        async with advisory_lock(ingest.engine, name) as lock:
            if lock:
                await hold(lock)
            else:
                ingest.health.well(part)
        await asyncio.sleep(TURN_S)
