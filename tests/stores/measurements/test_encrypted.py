"""InfluxDB on another host: over https, with a certificate of the authority for that host's name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from enertrack.domain.reading import Reading
from enertrack.settings import load
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import NodeReading, Unavailable
from tests.support.authority import Authority
from tests.support.influxd import Influxd
from tests.support.settings import MARIADB_AND_BROKER

SENT = [NodeReading(3, Reading(t=1_760_000_400, dt=60, energia_wh=5.0))]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("autoridad"))


@pytest.fixture(scope="module")
def encrypted(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    pair = authority.issue("IP:127.0.0.1")
    with Influxd(tmp_path_factory.mktemp("influxd"), tls=pair, authority=authority.certificate) as server:
        yield server


def variables(server: Influxd, authority: Authority) -> dict[str, str]:
    where = {"INFLUX_URL": server.url, "INFLUX_ORG": server.org, "INFLUX_BUCKET": "primero"}
    return (
        MARIADB_AND_BROKER | where | {"INFLUX_TOKEN": server.token, "ENERTRACK_INFLUX_CA": str(authority.certificate)}
    )


async def test_readings_are_kept_over_https(encrypted: Influxd, authority: Authority) -> None:
    async with open_measurements(load(variables(encrypted, authority))) as store:
        assert await store.write(SENT) == []
        assert await store.latest([3], 0) == {3: SENT[0].reading}


async def test_another_authority_or_another_name_is_refused(
    encrypted: Influxd, authority: Authority, tmp_path: Path
) -> None:
    by_name = {"INFLUX_URL": encrypted.url.replace("127.0.0.1", "localhost")}
    for wrong in (variables(encrypted, Authority(tmp_path)), variables(encrypted, authority) | by_name):
        async with open_measurements(load(wrong)) as store:
            with pytest.raises(Unavailable):
                await store.write(SENT)
