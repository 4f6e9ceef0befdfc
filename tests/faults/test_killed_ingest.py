"""An ingest that is killed loses nothing that a broker confirmed."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults import automatic_ack
from tests.faults.conftest import IDS
from tests.support.appliance import ENERTRACK, Appliance
from tests.support.flood import Flood, reading, readings
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually
from tests.support.stored import Stored

pytestmark = pytest.mark.faults
MESSAGES = 50_000
KILLS = 5


async def killed_in_between(appliance: Appliance, port: int, program: Sequence[str | Path]) -> int:
    """Publish ``MESSAGES`` readings while ingest is killed ``KILLS`` times; how many were stored in the end."""
    start = int(time.time()) - 86_400
    with appliance.ingest(program=program) as ingest:
        flood = Flood(port)
        publishing = asyncio.create_task(flood.publish(readings(IDS, MESSAGES, start), rate=5_000))
        for kill in range(1, KILLS + 1):
            await flood.reached(kill * MESSAGES // (KILLS + 1))
            ingest.process.kill()
            ingest.process.start()
        assert await publishing == MESSAGES
        ingest.wait_ready()
        await flood.publish([reading(IDS[0], 1, start)])  # the last in the queue: all others came before it
        async with Stored.of(appliance) as stored:
            await eventually(lambda: stored.has(IDS[0], start), "the last reading stored")
            return sum((await stored.counts()).values()) - 1


async def test_nothing_is_lost_by_five_kills(appliance: Appliance, mosquitto: Mosquitto) -> None:
    assert await killed_in_between(appliance, mosquitto.port, [ENERTRACK]) == MESSAGES


async def test_confirming_before_storing_would_lose_some(appliance: Appliance, mosquitto: Mosquitto) -> None:
    early: list[str | Path] = [sys.executable, Path(automatic_ack.__file__)]
    assert await killed_in_between(appliance, mosquitto.port, early) < MESSAGES
