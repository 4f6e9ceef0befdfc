"""What systemd and chrony tell, spoken by stand-ins for their programs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from enertrack.doctor import units
from enertrack.domain.examination import State
from tests.doctor.conftest import MakePlace

Says = Callable[..., None]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Programs that print a text, by their name and what they are asked for."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    def say(program: str, **answers: str) -> None:
        cases = "".join(f'{word}) printf "%s" "{text}" ;;\n' for word, text in answers.items())
        file = tmp_path / "bin" / program
        file.write_text(f'#!/bin/sh\ncase "$1" in\n-c) shift ;;\nesac\ncase "${{1%%-*}}" in\n{cases}esac\n')
        file.chmod(0o755)

    return say


def shown(states: dict[str, str], restarts: int = 0) -> str:
    return "\n\n".join(f"Id={u}\nActiveState={s}\nNRestarts={restarts}" for u, s in states.items())


async def test_units_that_run_are_well(place: MakePlace, says: Says) -> None:
    says("systemctl", show=shown({"enertrack.target": "active", "nginx.service": "active"}), list="")
    [found] = await units.services(place())
    assert found.estado is State.WELL


async def test_a_stopped_unit_is_named_with_the_command_that_starts_it(place: MakePlace, says: Says) -> None:
    says("systemctl", show=shown({"enertrack.target": "active", "mosquitto.service": "inactive"}), list="")
    [found] = await units.services(place())
    assert (found.estado, found.hallado) == (State.FAILURE, "mosquitto.service está detenido")
    assert "systemctl restart mosquitto.service" in found.arreglo


async def test_a_unit_that_falls_again_and_again_is_told(place: MakePlace, says: Says) -> None:
    says("systemctl", show=shown({"enertrack-ingest.service": "active"}, 9), list="")
    [found] = await units.services(place())
    assert (found.estado, "9 veces" in found.hallado) == (State.WARNING, True)


async def test_what_failed_is_told_and_what_is_not_ours_only_warned_of(place: MakePlace, says: Says) -> None:
    failed = "enertrack-backup.service loaded failed failed x\ncloud-init.service loaded failed failed y\n"
    says("systemctl", show=shown({"enertrack.target": "active"}), list=failed)
    ours, other = await units.services(place())
    assert (ours.estado, "enertrack-backup.service" in ours.hallado) == (State.FAILURE, True)
    assert (other.estado, "cloud-init.service" in other.hallado) == (State.WARNING, True)


def test_what_a_timer_starts_is_not_expected_to_run(place: MakePlace, tmp_path: Path) -> None:
    (tmp_path / "units/php8.4-fpm.service.d").mkdir(parents=True)
    (tmp_path / "units/php8.4-fpm.service.d/enertrack.conf").touch()
    wanted = list(units._wanted(place()))
    assert {"enertrack-web.service", "mosquitto.service", "php8.4-fpm.service"} <= set(wanted)
    assert "enertrack-backup.service" not in wanted


@pytest.mark.parametrize(
    ("synchronized", "tracking", "state"),
    [
        ("yes", "A,b,3,1.1,-0.0002,0.1", State.WELL),
        ("yes", "506 Cannot talk to daemon", State.WELL),
        ("yes", "A,b,3,1.1,-7.5,0.1", State.FAILURE),
        ("no", "", State.WARNING),
    ],
)
async def test_the_clock_is_the_networks(
    place: MakePlace, says: Says, synchronized: str, tracking: str, state: State
) -> None:
    says("timedatectl", show=synchronized)
    says("chronyc", tracking=tracking)
    [found] = await units.clock(place())
    assert found.estado is state
    assert ("0.2 ms" in found.hallado) == ("0.0002" in tracking)
    assert (state is State.WELL) == (not found.arreglo)


async def test_a_container_has_its_hosts_clock(place: MakePlace, says: Says, tmp_path: Path) -> None:
    says("timedatectl", show="no")
    (tmp_path / "run/systemd/container").touch()
    [found] = await units.clock(place())
    assert found.estado is State.WELL


async def test_without_systemd_there_is_nothing_to_ask(place: MakePlace) -> None:
    here = place()
    assert [f.estado for f in [*await units.services(here), *await units.clock(here)]] == [State.NOT_HERE] * 2
