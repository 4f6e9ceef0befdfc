"""README's section "Instalar", done word for word, from a bare machine to the first reading on the page."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support import outside
from tests.support.machine import REPOSITORY, Machine, host
from tests.support.processes import wait_until

pytestmark = pytest.mark.vm


def commands() -> tuple[list[str], list[str]]:
    """What README tells to type on one's own computer, and then on the server."""
    section = re.search(r"^## Instalar\n(.*?)^## ", (REPOSITORY / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert section
    blocks = re.findall(r"(?:^    .+\n)+", section[1], re.MULTILINE)
    here, there = ([line.split("#")[0].strip() for line in block.splitlines()] for block in blocks)
    return here, there


def checkout(folder: Path) -> Path:
    """A fresh copy of what is versioned, as it is now."""
    files = subprocess.check_output(["git", "ls-files", "-z"], cwd=REPOSITORY)
    there = [name for name in files.decode().split("\0") if name and (REPOSITORY / name).exists()]
    subprocess.run(["cp", "--parents", "-t", folder, *there], cwd=REPOSITORY, check=True)
    return folder


def complete(inventory: Path, machine: Machine) -> None:
    """What the comment of the second command asks for; the rest stands in for a public name and ssh's own settings."""
    text = inventory.read_text()
    given = {"203.0.113.10": machine.address, "energia.example.org": machine.variables["DOMINIO"]}
    for example, own in (given | {"usted@example.org": machine.variables["EMAIL"]}).items():
        assert example in text
        text = text.replace(example, own)
    more = {key: value for key, value in machine.variables.items() if key not in {"DOMINIO", "EMAIL"}}
    more |= {key: value for key, value in host(machine).items() if key not in {"ansible_host", "ansible_user"}}
    inventory.write_text(text + "".join(f"    {key}: {json.dumps(value)}\n" for key, value in more.items()))


def run_here(command: str, folder: Path) -> None:
    bare_environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=bare_environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"


def shows_a_reading(client: httpx.Client) -> bool:
    """Whether the page of its owner tells energy of the meter (which has said good-bye since)."""
    answer = client.get("/panel/datos")
    assert answer.status_code == httpx.codes.OK, answer.text
    (node,) = answer.json()["nodos"].values()
    return node["estado"] != "sin_datos" and (node["mes_wh"] or 0) > 0 and "Casa" in client.get("/").text


def test_readme_leads_from_a_bare_machine_to_the_first_reading(
    bare: Machine, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "EnerTrack"
    folder.mkdir()
    checkout(folder)
    (prepare, copy, install), (user, node, doctor) = commands()
    run_here(prepare, folder)
    run_here(copy, folder)
    complete(folder / "playbooks/inventory/servidor.yml", bare)
    began = time.monotonic()
    run_here(install, folder)
    bare.run(f"{user} --password-stdin", text=outside.PASSWORD + "\n")
    password = json.loads(bare.run(f"{node} --json"))["clave"]
    meter = outside.Meter(bare, node.split()[3], password)
    meter.replay_now()
    with outside.signed_in(bare) as client:
        wait_until(lambda: shows_a_reading(client), "the first reading on the page")
    record_property(f"from bare Debian ({bare.suite}) to the first reading, s", round(time.monotonic() - began))
    assert bare.run(doctor)
