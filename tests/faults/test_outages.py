"""A server that is away for a minute: nothing is lost, and all goes on by itself when it is back."""

import asyncio
import os
import re
import time
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from enertrack import settings
from enertrack.demo.replay import Pace, read, replay
from tests.faults.conftest import IDS
from tests.support import household
from tests.support.appliance import Appliance, Ingest
from tests.support.influxd import Influxd
from tests.support.mariadb import MariaDB
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually
from tests.support.stored import Stored

pytestmark = pytest.mark.faults
AWAY_S = float(os.environ.get("ENERTRACK_CORTE_S", "60"))
BACK_S = 5.0
ROWS = 2_880


class Server(Protocol):
    """What can be stopped and started."""

    def stop(self) -> None: ...
    def start(self) -> None: ...


class Sender:
    """A replay of the household's first two days that lasts longer than the outage."""

    def __init__(self, appliance: Appliance) -> None:
        self.given = read(household.CSV, ZoneInfo(household.ZONE))[:ROWS]
        self.confirmed = 0
        speed = (self.given[-1].t - self.given[0].t) / (AWAY_S * 1.5)
        pace = Pace(speed, answer_s=1.0, patience_s=AWAY_S * 3)
        loaded = settings.load(appliance.env)
        self.task = asyncio.create_task(replay(self.given, IDS[0], loaded, pace, self._heard))

    def _heard(self, confirmed: int) -> None:
        self.confirmed = confirmed

    async def more(self, deadline_s: float) -> None:
        """Wait until more is confirmed than now."""
        before = self.confirmed

        async def grown() -> bool:
            assert not self.task.done() or not self.task.exception()
            return self.confirmed > before

        await eventually(grown, "another reading confirmed", deadline_s)


async def away_for_a_minute(appliance: Appliance, server: Server, thing: str, *, flows: bool) -> None:
    """Stop and start ``server`` during a replay; ``flows``: readings are stored all the same."""
    appliance = appliance.with_settings(ENERTRACK_EDAD_MAXIMA_DIAS="0")
    with appliance.ingest() as ingest:
        sender = Sender(appliance)
        await sender.more(30)
        server.stop()
        until = time.monotonic() + AWAY_S
        if flows:
            await sender.more(30)
        await eventually(lambda: _passed(until), "the outage over", AWAY_S + 5)
        server.start()
        await eventually(lambda: _told(ingest, thing, "vuelve a responder"), f"{thing} is back", BACK_S)
        await sender.more(BACK_S)
        await sender.task
        async with Stored.of(appliance) as stored:
            assert await stored.count(IDS[0]) == len(sender.given)
            await stored.rolled_up(IDS[0], len(sender.given))
    lines = [x for x in ingest.process.output().splitlines() if thing in x]
    assert [("no responde" in x, "vuelve a responder" in x) for x in lines] == [(True, False), (False, True)], lines


async def _passed(until: float) -> bool:
    return time.monotonic() > until


async def _told(ingest: Ingest, thing: str, what: str) -> bool:
    return bool(re.search(f"{what}.*{thing}", ingest.process.output()))


async def test_mariadb(appliance: Appliance, mariadb: MariaDB) -> None:
    await away_for_a_minute(appliance, mariadb, "base de datos", flows=True)


async def test_influxdb(appliance: Appliance, influxd: Influxd) -> None:
    await away_for_a_minute(appliance, influxd, "almacén de mediciones", flows=False)


async def test_mosquitto(appliance: Appliance, mosquitto: Mosquitto) -> None:
    await away_for_a_minute(appliance, mosquitto, "broker MQTT", flows=False)
