"""A demo that is running, and a browser before it."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import Visit, visit
from tests.e2e.house import installed
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.processes import free_port, running, wait_until

DAYS = 40


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MYSQL_", "INFLUX_", "MQTT_", "ENERTRACK_"))}
    env |= {"PORT": str(port), "ENERTRACK_DATOS": str(folder / "datos"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "enertrack.cli", "demo", "--days", str(DAYS)]
    with running(command, folder / "log", env) as process:
        wait_until(lambda: "usuario: demo" in process.output(), "the demo", process)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def seen(demo: str) -> AsyncIterator[Visit]:
    async with visit(demo) as found:
        yield found


@pytest.fixture
def base(tmp_path: Path, mariadb_database: Database, influxd_server: Influxd) -> Iterator[str]:
    """The address of an installation on real servers."""
    with installed(tmp_path, mariadb_database, influxd_server) as web:
        yield web.url


@pytest.fixture
async def ana(base: str) -> AsyncIterator[Visit]:
    async with visit(base) as seen:
        yield seen


@pytest.fixture
async def bruno(base: str) -> AsyncIterator[Visit]:
    async with visit(base, width=360) as seen:
        yield seen
