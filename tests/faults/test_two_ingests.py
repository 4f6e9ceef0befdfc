"""Two ingests share the readings of fifty meters; one of them dies."""

import asyncio

import pytest

from enertrack import settings
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import Window
from tests.faults.conftest import IDS, ZONE
from tests.support.appliance import Appliance, on_servers
from tests.support.fleets import Fleet, minutes
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.support.mosquitto import Mosquitto
from tests.support.stored import Stored

pytestmark = pytest.mark.faults
EACH = 400
START = 1_790_000_100
RESOLUTIONS = (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY)


async def summaries(appliance: Appliance) -> dict[tuple[str, Resolution], list[Window]]:
    """All windows, once each meter's readings are all in them; the readings are counted too."""
    async with Stored.of(appliance) as stored:
        assert await stored.counts() == dict.fromkeys(IDS, EACH)
        for esp_id in IDS:
            await stored.rolled_up(esp_id, EACH)
        return {(esp_id, r): await stored.windows(esp_id, r) for esp_id in IDS for r in RESOLUTIONS}


async def test_one_of_two_is_killed_half_way(
    appliance: Appliance, mariadb: MariaDB, influxd: Influxd, mosquitto: Mosquitto
) -> None:
    appliance = appliance.with_settings(ENERTRACK_EDAD_MAXIMA_DIAS="0")
    readings = Fleet(IDS, minutes(EACH, START), 10)
    shared = {"ENERTRACK_INGESTA_COMPARTIDA": "1"}
    with appliance.ingest("uno", **shared) as one, appliance.ingest("dos", **shared) as two:
        delivering = asyncio.create_task(readings.deliver(settings.load(appliance.env)))
        await readings.reached(readings.total // 2)
        taken = [m["enertrack_lecturas_guardadas_total"] for m in (one.metrics(), two.metrics())]
        one.process.kill()
        await delivering
        assert min(taken) > 0, "both took part"
        of_two = await summaries(appliance)
        one.process.start()
        one.wait_ready()
    mariadb.create("uno_solo")
    alone = on_servers(
        appliance.folder, Database(mariadb, "uno_solo"), influxd, mosquitto, ENERTRACK_EDAD_MAXIMA_DIAS="0"
    )
    alone.prepare(dict.fromkeys(IDS, ZONE))
    with alone.ingest("solo"):
        await Fleet(IDS, readings.readings, 100).deliver(settings.load(alone.env))
        assert await summaries(alone) == of_two
