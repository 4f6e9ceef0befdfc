"""A real household's week, sent as its meter would have sent it, arrives whole."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from tests.support import household
from tests.support.appliance import Appliance, Web, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.support.stored import Stored

NODE = "A0B76512F3C8"
READINGS = household.ROWS + household.RUNS


@pytest.fixture
def appliance(
    tmp_path: Path, mariadb_database: Database, influxd_server: Influxd, mosquitto_server: Mosquitto
) -> Iterator[Appliance]:
    """An installation on real servers with one node in Paris, taking readings of any age."""
    appliance = on_servers(tmp_path, mariadb_database, influxd_server, mosquitto_server, ENERTRACK_EDAD_MAXIMA_DIAS="0")
    appliance.prepare({NODE: household.ZONE})
    with appliance.ingest():
        yield appliance


def replay(appliance: Appliance) -> None:
    """Send the household's table as fast as it is confirmed."""
    appliance.run("replay", str(household.CSV), "--node", NODE, "--speed", "0", "--zone", household.ZONE)


def shown_wh(web: Web, client: httpx.Client) -> dict[date, float]:
    """What ``/consumo`` shows for each day of February 2007."""
    page = client.get(f"{web.url}/consumo", params={"periodo": "dia", "fecha": "2007-02-15", "nodo": NODE})
    rows = re.findall(r'<tr data-bin="([\d-]+)".*?<td[^>]*>\s*([^<\s]+)', page.text, re.DOTALL)
    assert len(rows) == 28, page.text
    known = {date.fromisoformat(day): kwh for day, kwh in rows if re.search(r"\d", kwh)}
    return {day: float(kwh.replace(".", "").replace(",", ".")) * 1000 for day, kwh in known.items()}


async def test_each_day_equals_the_files_own_integral(appliance: Appliance) -> None:
    expected = household.day_wh()
    with appliance.web() as web, web.signed_in() as client:
        for _ in range(2):
            replay(appliance)
            async with Stored.of(appliance) as stored:
                await stored.rolled_up(NODE, READINGS)
                assert await stored.count(NODE) == READINGS
                in_store = await stored.days_wh(NODE)
            assert in_store.keys() == expected.keys()
            assert in_store == pytest.approx(expected, abs=1)
            assert {d: wh for d, wh in shown_wh(web, client).items() if wh} == pytest.approx(expected, abs=1)
