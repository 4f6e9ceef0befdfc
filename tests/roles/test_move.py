"""``playbooks/move.yml``: one command carries an installation to another host."""

import shutil
from pathlib import Path

import pytest

from tests.roles.conftest import NewMachine, only
from tests.roles.test_move_house import hours, rows
from tests.support.machine import Machine
from tests.support.outside import Meter, add_user
from tests.support.rest_server import rest_server

pytestmark = pytest.mark.vm

TARGET = "systemctl is-active enertrack.target; systemctl is-enabled enertrack.target"


def moves(old: Machine, new: Machine, *, plain: bool = False) -> None:
    """All that was there is on the new host, where the meter goes on; the old one has been left."""
    add_user(old)
    meter = Meter.enrolled(old)
    assert "lecturas guardadas" in meter.replay_now()
    shutil.copytree(old.secrets, new.secrets, dirs_exist_ok=True)
    done = new.playbook("move", plain=plain, viejo=str(old.inventory))
    assert done.failed == 0, done.output[-20_000:]
    assert hours(new)
    assert (rows(new), hours(new)) == (rows(old), hours(old))
    assert "lecturas guardadas" in Meter(new, meter.esp_id, meter.password).replay_now()
    assert old.run(TARGET, check=False).split() == ["inactive", "disabled"]


@only("bookworm")
def test_an_installation_moves_to_another_host(deployed: Machine, suite: str, new_machine: NewMachine) -> None:
    moves(deployed, new_machine(suite), plain=True)


@only("trixie")
def test_an_installation_moves_whose_copies_are_elsewhere(
    deployed: Machine, other_suite: str, new_machine: NewMachine, tmp_path: Path
) -> None:
    new = new_machine(other_suite)
    with rest_server(deployed.gateway, tmp_path / "repository") as address:
        deployed.variables["ENERTRACK_RESPALDO_REPOSITORIO"] = address
        done = deployed.playbook("site", "--tags", "app,backup")
        assert done.failed == 0, done.output
        refused = new.playbook("move", viejo=str(deployed.inventory))
        assert refused.failed > 0
        assert "el mismo ENERTRACK_RESPALDO_REPOSITORIO" in " ".join(refused.output.split())
        assert deployed.run(TARGET).split() == ["active", "enabled"]
        new.variables["ENERTRACK_RESPALDO_REPOSITORIO"] = address
        moves(deployed, new)
