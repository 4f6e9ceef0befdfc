"""``/healthz``: the process answers; ``/readyz``: so do the servers behind it."""

import asyncio
from collections.abc import Awaitable

from quart import Blueprint, jsonify
from quart.typing import ResponseReturnValue

from enertrack.stores.database import DatabaseAway, ping
from enertrack.stores.measurements.protocol import Unavailable
from enertrack.web.services import services

LIMIT_S = 2.0

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
async def alive() -> ResponseReturnValue:
    """Say that the process lives."""
    return jsonify(estado="bien")


@blueprint.get("/readyz")
async def ready() -> ResponseReturnValue:
    """Say which of the servers behind answer; 503 where one does not."""
    found = await answering()
    return jsonify(found), 200 if all(found.values()) else 503


async def answering() -> dict[str, bool]:
    """Which of the servers behind the pages answer now."""
    tables, measurements = await asyncio.gather(
        _answers(ping(services().engine, LIMIT_S)), _answers(services().measurements.ping())
    )
    return {"tablas": tables, "mediciones": measurements, "broker": services().live.connected}


async def _answers(question: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(LIMIT_S):
            await question
    except (DatabaseAway, Unavailable, TimeoutError):
        return False
    return True
