"""The servers that all measures share."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tests.support.appliance import Appliance, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Process

REST_S: Final = 120.0
ZONE: Final = "America/Argentina/Buenos_Aires"


@dataclass(frozen=True)
class Servers:
    """An installation and the servers under it."""

    appliance: Appliance
    influxd: Influxd

    async def at_rest(self, process: Process) -> None:
        """Wait until neither the process nor the store has anything left to do."""
        pids = process.child.pid, self.influxd.process.child.pid
        watched = [psutil.Process(pid) for pid in pids]
        async with asyncio.timeout(REST_S):
            while True:
                before = sum(sum(p.cpu_times()[:2]) for p in watched)
                await asyncio.sleep(1.0)
                if sum(sum(p.cpu_times()[:2]) for p in watched) - before < 0.1:
                    return


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Servers]:
    """An empty installation on servers of its own."""
    (folder / "influxd").mkdir()
    with MariaDB() as mariadb, Influxd(folder / "influxd") as influxd, Mosquitto(folder / "mosquitto") as mosquitto:
        mariadb.create("enertrack")
        yield Servers(on_servers(folder, Database(mariadb, "enertrack"), influxd, mosquitto), influxd)
