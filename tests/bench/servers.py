"""The servers that all measures share."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.appliance import Appliance, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.support.mosquitto import Mosquitto

ZONE: Final = "America/Argentina/Buenos_Aires"


@dataclass(frozen=True)
class Servers:
    """An installation and the servers under it."""

    appliance: Appliance
    influxd: Influxd


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Servers]:
    """An empty installation on servers of its own."""
    (folder / "influxd").mkdir()
    with MariaDB() as mariadb, Influxd(folder / "influxd") as influxd, Mosquitto(folder / "mosquitto") as mosquitto:
        mariadb.create("enertrack")
        yield Servers(on_servers(folder, Database(mariadb, "enertrack"), influxd, mosquitto), influxd)
