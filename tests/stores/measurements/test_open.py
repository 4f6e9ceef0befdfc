"""Which store the settings open."""

import subprocess
import sys
from pathlib import Path

import pytest

from enertrack import settings
from enertrack.domain.reading import Reading
from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import NodeReading
from tests.support.influxd import Influxd

SENT = [NodeReading(3, Reading(t=1_760_000_400, dt=60, energia_wh=5.0))]


async def test_embedded_it_is_a_file_among_the_data(tmp_path: Path) -> None:
    embedded = settings.load({"ENERTRACK_DATOS": str(tmp_path)})
    async with open_measurements(embedded) as store:
        assert await store.write(SENT) == []
    assert (tmp_path / "mediciones.db").exists()


async def test_configured_it_is_influxdb(influxd_server: Influxd, influxd_bucket: str, tmp_path: Path) -> None:
    configured = settings.load(
        {
            "INFLUX_URL": influxd_server.url,
            "INFLUX_TOKEN": influxd_server.token,
            "INFLUX_ORG": influxd_server.org,
            "INFLUX_BUCKET": influxd_bucket,
            "MYSQL_USER": "u",
            "MYSQL_PASSWORD": "p",
            "MYSQL_DB": "d",
            "ENERTRACK_MQTT_HOST": "127.0.0.1",
            "FLASK_SECRET_KEY": "k" * 64,
            "FERNET_KEY": "ZmVybmV0LWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
            "ENERTRACK_DATOS": str(tmp_path),
        }
    )
    async with open_measurements(configured) as store:
        assert isinstance(store, Influx)
        assert await store.write(SENT) == []
        assert await store.latest([3], 0) == {3: SENT[0].reading}


@pytest.mark.parametrize("module", ["open", "sqlite", "consumption"])
def test_without_influxdb_its_client_is_not_loaded(module: str) -> None:
    code = f"import sys, enertrack.stores.measurements.{module}; sys.exit('influxdb_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
