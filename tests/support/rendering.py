"""Templates of the roles, rendered by Ansible itself on this computer, where an undefined variable is an error."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
FACTS: Final = {"memtotal_mb": 1024, "architecture": platform.machine(), "default_ipv4": {"address": "192.0.2.1"}}


def render(role: str, files: Mapping[str, Path], **variables: object) -> None:
    """Write each template of a role to its file, with the role's defaults and ``variables``."""
    folder = REPOSITORY / "roles" / role
    tasks = [
        {"ansible.builtin.template": {"src": str(folder / "templates" / name), "dest": str(file), "mode": "0600"}}
        for name, file in files.items()
    ]
    known = [str(file) for part in ("defaults", "vars") if (file := folder / part / "main.yml").exists()]
    where = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    play = where | {"vars_files": known, "vars": {"ansible_facts": FACTS}, "tasks": tasks}
    env = os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg")}
    with tempfile.TemporaryDirectory() as home:
        playbook = Path(home) / "play.yml"
        playbook.write_text(json.dumps([play]))
        program = Path(sys.executable).with_name("ansible-playbook")
        given = {"ansible_python_interpreter": sys.executable} | variables
        command = [str(program), "--inventory", "localhost,", str(playbook), "--extra-vars", json.dumps(given)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def rendered(role: str, name: str, folder: Path, **variables: object) -> str:
    """The text of one template."""
    file = folder / name.removesuffix(".j2")
    render(role, {name: file}, **variables)
    return file.read_text()
