"""One real household (UCI, Hébrail and Bérard, CC BY 4.0) and its energy, counted apart from EnerTrack's code."""

import csv
import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.support.appliance import Appliance
from tests.support.stored import Stored

CSV: Final = Path(__file__).parents[1] / "data/household-2007-02.csv"
ZONE: Final = "Europe/Paris"
NODE: Final = "A0B76512F3C8"
ROWS, RUNS = 8_638, 4
READINGS: Final = ROWS + RUNS
"""Each run of minutes opens with a reading of its own."""


def day_wh() -> dict[date, float]:
    """Energy of each local day: a row is the mean power of the minute that begins at its time."""
    days: dict[date, float] = defaultdict(float)
    with CSV.open() as table:
        for row in csv.DictReader(table):
            days[datetime.fromisoformat(row["local_time"]).date()] += float(row["active_power_w"]) / 60
    return dict(days)


def shown_wh(client: httpx.Client) -> dict[date, float]:
    """What ``/consumo`` shows for the days of February 2007 that have a consumption."""
    page = client.get("/consumo", params={"periodo": "dia", "fecha": "2007-02-15", "nodo": NODE})
    rows = re.findall(r'<tr data-bin="([\d-]+)".*?<td[^>]*>\s*([^<\s]+)', page.text, re.DOTALL)
    assert len(rows) == 28, page.text
    kwh = {date.fromisoformat(day): x.replace(".", "").replace(",", ".") for day, x in rows if re.search(r"\d", x)}
    return {day: float(x) * 1000 for day, x in kwh.items() if float(x)}


async def arrives_whole(appliance: Appliance, client: httpx.Client, *to: str) -> None:
    """Send the table as fast as it is confirmed, twice: each day equals the file's own integral both times."""
    expected = day_wh()
    for _ in range(2):
        appliance.run("replay", str(CSV), "--node", NODE, "--speed", "0", "--zone", ZONE, *to)
        async with Stored.of(appliance) as stored:
            await stored.rolled_up(NODE, READINGS)
            assert await stored.count(NODE) == READINGS
            in_store = await stored.days_wh(NODE)
        assert in_store.keys() == expected.keys()
        assert in_store == pytest.approx(expected, abs=1)
        assert shown_wh(client) == pytest.approx(expected, abs=1)
