"""A real household's week, sent as its meter would have sent it, arrives whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import household
from tests.support.appliance import Appliance, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def appliance(
    tmp_path: Path, mariadb_database: Database, influxd_server: Influxd, mosquitto_server: Mosquitto
) -> Iterator[Appliance]:
    """An installation on real servers with one node in Paris, taking readings of any age."""
    appliance = on_servers(tmp_path, mariadb_database, influxd_server, mosquitto_server, ENERTRACK_EDAD_MAXIMA_DIAS="0")
    appliance.prepare({household.NODE: household.ZONE})
    with appliance.ingest():
        yield appliance


async def test_each_day_equals_the_files_own_integral(appliance: Appliance) -> None:
    with appliance.web() as web, web.signed_in() as client:
        await household.arrives_whole(appliance, client)
