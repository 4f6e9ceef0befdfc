"""An installation whose servers are its own, so that they can be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.appliance import Appliance, on_servers
from tests.support.flood import fleet
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.support.mosquitto import Mosquitto

ZONE = "America/Argentina/Buenos_Aires"
IDS = fleet(50)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker of the test's own."""
    with Mosquitto(tmp_path / "mosquitto") as server:
        yield server


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB of the module's own."""
    with MariaDB() as server:
        yield server


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    """An InfluxDB of the module's own."""
    with Influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def appliance(tmp_path: Path, mariadb: MariaDB, influxd: Influxd, mosquitto: Mosquitto) -> Appliance:
    """An installation with fifty meters; nothing runs yet."""
    mariadb.create("enertrack")
    appliance = on_servers(tmp_path, Database(mariadb, "enertrack"), influxd, mosquitto)
    appliance.prepare(dict.fromkeys(IDS, ZONE))
    return appliance
