"""Disk, memory and what backups say of themselves."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from enertrack.doctor import host
from enertrack.domain.examination import State
from tests.doctor.conftest import NOW, MakePlace


@pytest.mark.parametrize(
    ("age", "result", "state"),
    [
        (timedelta(hours=3), "bien", State.WELL),
        (timedelta(hours=27), "bien", State.WARNING),
        (timedelta(hours=51), "bien", State.FAILURE),
        (timedelta(hours=3), "falla", State.FAILURE),
    ],
)
async def test_a_backup_is_as_good_as_its_age_and_result(
    place: MakePlace, age: timedelta, result: str, state: State
) -> None:
    here = place()
    told = {"momento": (NOW - age).isoformat(), "resultado": result, "detalle": "sin espacio", "segundos": 3}
    (here.state / "enertrack-backup").mkdir()
    (here.state / "enertrack-backup/backup.json").write_text(json.dumps(told))
    [found] = await host.backup(here)
    assert found.estado is state
    assert (state is State.WELL) == (not found.arreglo)
    assert "2026-11-" in found.hallado


async def test_a_new_installation_has_no_backup_yet_and_is_not_ill(place: MakePlace) -> None:
    [found] = await host.backup(place())
    assert found.estado is State.WARNING
    assert "systemctl start enertrack-backup.service" in found.arreglo


async def test_a_host_without_backups_says_nothing(place: MakePlace) -> None:
    [found] = await host.rehearsal(place(units=("enertrack.target",)))
    assert found.estado is State.NOT_HERE


@pytest.mark.parametrize(("available", "state"), [(512_000, State.WELL), (90_000, State.WARNING)])
async def test_memory_that_runs_out_is_told(place: MakePlace, available: int, state: State) -> None:
    here = place()
    (here.proc / "meminfo").write_text(f"MemTotal: 1000000 kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n")
    [found] = await host.memory(here)
    assert found.estado is state


@pytest.mark.parametrize(
    ("free", "inodes", "state"),
    [
        (0.5, 0.5, State.WELL),
        (0.19, 0.5, State.WARNING),
        (0.5, 0.19, State.WARNING),
        (0.09, 0.5, State.FAILURE),
        (0.5, 0.09, State.FAILURE),
    ],
)
def test_a_disk_that_fills_up_is_told_before_it_is_full(free: float, inodes: float, state: State) -> None:
    found = host.room(Path("/var"), free, inodes, 1.5)
    assert found.estado is state
    assert ("archivos" in found.hallado) == (inodes < free)
    assert f"{min(free, inodes):.0%}" in found.hallado
    assert (state is State.WELL) == (not found.arreglo)


async def test_each_file_system_is_told_once(place: MakePlace) -> None:
    here = place()
    [found] = await host.disk(here)
    assert "libre" in found.hallado
