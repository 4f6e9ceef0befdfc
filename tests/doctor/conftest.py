"""Places for the doctor to look at: folders that stand in for the system's, real servers behind the settings."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enertrack import settings
from enertrack.doctor.finding import Place

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OURS = ("web.service", "ingest.service", "backup.service", "rehearsal.service")
UNITS = ("enertrack.target", "mosquitto.service", *(f"enertrack-{name}" for name in OURS))

STARTED_BY_TIMERS = {"enertrack-backup.service", "enertrack-rehearsal.service"}

MakePlace = Callable[..., Place]


@pytest.fixture
def place(tmp_path: Path) -> MakePlace:
    """A host with all units of EnerTrack, in a folder of the test."""

    def make(units: tuple[str, ...] = UNITS, now: datetime = NOW, **env: str) -> Place:
        for unit in units:
            (tmp_path / "units").mkdir(exist_ok=True)
            (tmp_path / "units" / unit).write_text("[Unit]\n" if unit in STARTED_BY_TIMERS else "[Unit]\n[Install]\n")
        loaded = settings.load({"ENERTRACK_DATOS": str(tmp_path / "datos"), **env})
        for name in ("datos", "run", "proc", "state"):
            (tmp_path / name).mkdir(exist_ok=True)
        return Place(
            loaded,
            now,
            units=(tmp_path / "units",),
            run=tmp_path / "run",
            proc=tmp_path / "proc",
            state=tmp_path / "state",
            data=(tmp_path,),
        )

    return make
