"""``playbooks/move.yml``: one command carries an installation to another host."""

import shutil

import pytest

from tests.roles.conftest import NewMachine
from tests.roles.test_move_house import hours, rows
from tests.support.machine import Machine
from tests.support.outside import Meter, add_user

pytestmark = pytest.mark.vm


def test_an_installation_moves_to_another_host(deployed: Machine, suite: str, new_machine: NewMachine) -> None:
    add_user(deployed)
    meter = Meter.enrolled(deployed)
    assert "confirmadas" in meter.replay_now()
    new = new_machine(suite)
    shutil.copytree(deployed.secrets, new.secrets, dirs_exist_ok=True)
    done = new.playbook("move", viejo=str(deployed.inventory))
    assert done.failed == 0, done.output[-20_000:]
    assert hours(new)
    assert (rows(new), hours(new)) == (rows(deployed), hours(deployed))
    assert "confirmadas" in Meter(new, meter.esp_id, meter.password).replay_now()
    told = deployed.run("systemctl is-active enertrack.target; systemctl is-enabled enertrack.target", check=False)
    assert told.split() == ["inactive", "disabled"]
