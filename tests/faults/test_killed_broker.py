"""A broker that is killed loses messages that it confirmed; meters that keep their readings lose none."""

import asyncio

import pytest

from enertrack import settings
from tests.faults.conftest import IDS
from tests.support.appliance import Appliance
from tests.support.fleets import Fleet, minutes
from tests.support.mosquitto import Mosquitto
from tests.support.stored import Stored

pytestmark = pytest.mark.faults
EACH = 200
START = 1_790_000_100
KILLS = 3


async def killed_in_between(appliance: Appliance, broker: Mosquitto, *, keeps: bool) -> int:
    """Readings stored of ``EACH`` per meter, the broker being killed and started while they are sent."""
    appliance = appliance.with_settings(ENERTRACK_EDAD_MAXIMA_DIAS="0")
    meters = Fleet(IDS, minutes(EACH, START), 4, keeps=keeps)
    with appliance.ingest() as ingest:
        delivering = asyncio.create_task(meters.deliver(settings.load(appliance.env)))
        for kill in range(1, KILLS + 1):
            await meters.reached(meters.total * kill // (KILLS + 2))
            broker.kill()
            broker.start()
        await delivering
        ingest.process.stop()
        async with Stored.of(appliance) as stored:
            return sum((await stored.counts()).values())


async def test_meters_that_keep_lose_nothing(appliance: Appliance, mosquitto: Mosquitto) -> None:
    assert await killed_in_between(appliance, mosquitto, keeps=True) == EACH * len(IDS)


async def test_meters_that_forget_lose_some(appliance: Appliance, mosquitto: Mosquitto) -> None:
    assert await killed_in_between(appliance, mosquitto, keeps=False) < EACH * len(IDS)
