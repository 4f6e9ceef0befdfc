"""What playbooks refuse before they touch anything; no machine is needed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.machine import REPOSITORY

LIST: Final = sorted((REPOSITORY / "playbooks").glob("*.yml"))
PROGRAM: Final = Path(sys.executable).with_name("ansible-playbook")


def played(inventory: str, playbook: Path, **variables: object) -> subprocess.CompletedProcess[str]:
    """How a playbook ends whose hosts are this computer."""
    given = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable} | variables
    command: list[str | Path] = [PROGRAM, "--inventory", inventory, playbook, "--extra-vars", json.dumps(given)]
    env = os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg")}
    return subprocess.run(command, env=env, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("playbook", LIST, ids=[file.stem for file in LIST])
def test_an_inventory_that_is_not_there_is_told(playbook: Path, tmp_path: Path) -> None:
    done = played(str(tmp_path / "casa.yml"), playbook, viejo=str(playbook))
    assert done.returncode != 0
    assert "El inventario no tiene ningún servidor" in " ".join(done.stdout.split())


def test_what_must_go_along_whole_stops_where_a_host_has_failed(tmp_path: Path) -> None:
    fails = {"ansible.builtin.fail": {"msg": "mal"}, "when": "inventory_hostname == 'uno'"}
    whole = {"ansible.builtin.include_tasks": str(REPOSITORY / "playbooks/tasks/whole.yml")}
    went = {"ansible.builtin.debug": {"msg": "siguió"}}
    playbook = tmp_path / "play.yml"
    tasks = (fails, whole, went)
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]} for task in tasks]))
    done = played("uno,dos,", playbook)
    assert "algo falló en uno" in " ".join(done.stdout.split())
    assert "siguió" not in done.stdout
