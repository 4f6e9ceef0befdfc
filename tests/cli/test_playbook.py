"""``playbooks/meter.yml`` as an operator runs it, on this machine in the place of a host."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Host

METER = "A0B7651234AB"
PASSWORD = re.compile(r"\b([a-z2-9]{4}-){6}[a-z2-9]{4}\b")
ROOT = Path(__file__).parents[2]
SHOWN = "TASK [Show the credential, this once]"


def playbook(host: Host, *variables: str) -> subprocess.CompletedProcess[str]:
    """Run it as told by a person who wants to see everything."""
    inventory = host.folder / "inventory"
    inventory.write_text(f"[web]\nlocalhost ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    bin_ = Path(sys.executable).parent
    command: list[str | Path] = [
        bin_ / "ansible-playbook",
        "-vvv",
        "-i",
        inventory,
        "--skip-tags",
        "always",
        "playbooks/meter.yml",
    ]
    env = {**host.env, "PATH": f"{bin_}:/usr/bin:/bin", "HOME": str(host.folder), "LANG": "C.UTF-8"}
    told = [part for variable in (f"medidor={METER}", *variables) for part in ("-e", variable)]
    return subprocess.run([*command, *told], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_a_credential_is_printed_by_one_task_only(host: Host) -> None:
    added = playbook(host, "nombre='Casa de Ana'", "zona=Europe/Madrid")
    assert added.returncode == 0, added.stdout + added.stderr
    before, _, after = added.stdout.partition(SHOWN)
    (node,) = host.json("node", "list")
    assert (node["nombre"], node["zona_horaria"], node["cuenta"]) == ("Casa de Ana", "Europe/Madrid", True)
    (password,) = {m[0] for m in PASSWORD.finditer(after)}
    assert password not in before + added.stderr
    renewed = playbook(host, "accion=renovar")
    assert renewed.returncode == 0, renewed.stdout + renewed.stderr
    assert len({m[0] for m in PASSWORD.finditer(renewed.stdout)}) == 1
    assert password not in renewed.stdout
    assert playbook(host, "accion=baja").returncode == 0
    (node,) = host.json("node", "list")
    assert (node["activo"], node["cuenta"]) == (False, False)


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (["accion=baja"], f"no hay ningún nodo con el medidor '{METER}'"),
        (["nombre=x", "usuario=eva"], "no existe 'eva'"),
        (["accion=borrar"], "-e accion=alta, renovar o baja"),
        ([], "en un alta -e nombre=LUGAR"),
        (["nombre=x", "medidor=a0b7651234ab"], "12 u 8 cifras hexadecimales en mayúsculas"),
    ],
)
def test_what_cannot_be_done_is_told(variables: list[str], why: str, host: Host) -> None:
    done = playbook(host, *variables)
    assert done.returncode != 0
    assert why in done.stdout + done.stderr
