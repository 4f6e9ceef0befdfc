"""Both stores of measurements, empty, each on the real thing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.protocol import Measurements
from enertrack.stores.measurements.sqlite import Sqlite


@pytest.fixture(params=["influx", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Measurements]:
    opened: Measurements
    if request.param == "influx":
        server, bucket = request.getfixturevalue("influxd_server"), request.getfixturevalue("influxd_bucket")
        opened = Influx(server.url, server.token, server.org, bucket)
    else:
        opened = Sqlite(tmp_path / "mediciones.db")
    yield opened
    await opened.close()
