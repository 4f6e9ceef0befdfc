"""One real household (UCI, Hébrail and Bérard, CC BY 4.0) and its energy, counted apart from EnerTrack's code."""

import csv
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Final

CSV: Final = Path(__file__).parents[1] / "data/household-2007-02.csv"
ZONE: Final = "Europe/Paris"
ROWS, RUNS = 8_638, 4


def day_wh() -> dict[date, float]:
    """Energy of each local day: a row is the mean power of the minute that begins at its time."""
    days: dict[date, float] = defaultdict(float)
    with CSV.open() as table:
        for row in csv.DictReader(table):
            days[datetime.fromisoformat(row["local_time"]).date()] += float(row["active_power_w"]) / 60
    return dict(days)
