"""``playbooks/meter.yml`` on an installation: a meter comes, has its password changed, and goes."""

import json
import re

import pytest

from tests.support.machine import Machine

pytestmark = pytest.mark.vm

METER = "02E7AF000001"
PASSWORD = re.compile(r"\b([a-z2-9]{4}-){6}[a-z2-9]{4}\b")


def told(machine: Machine, action: str, **variables: object) -> str:
    done = machine.playbook("meter", plain=machine.suite == "bookworm", medidor=METER, accion=action, **variables)
    assert done.failed == 0, done.output
    return done.output


def sends(machine: Machine, password: str) -> bool:
    """Whether readings of the simulated meter are confirmed by the ingest of the machine."""
    command = f"enertrack simulate --nodes 1 --prefix {METER[:6]} --seconds 1 --user {METER} --password-stdin"
    done = machine.run(command, text=password + "\n", check=False)
    (confirmed,) = re.findall(r"confirmadas=(\d+)", done)
    return int(confirmed) > 0


def test_a_meter_comes_is_renewed_and_goes(deployed: Machine) -> None:
    first = PASSWORD.search(told(deployed, "alta", nombre="Casa"))
    assert first
    assert sends(deployed, first[0])
    second = PASSWORD.search(told(deployed, "renovar"))
    assert second
    assert not sends(deployed, first[0])
    assert sends(deployed, second[0])
    assert not PASSWORD.search(told(deployed, "baja"))
    assert not sends(deployed, second[0])
    (node,) = [n for n in json.loads(deployed.run("enertrack node list --json")) if n["esp_id"] == METER]
    assert (node["activo"], node["cuenta"]) == (False, False)
    journal = deployed.run("journalctl --no-pager -o cat")
    assert first[0] not in journal
    assert second[0] not in journal


def test_setting_the_broker_up_again_changes_nothing(deployed: Machine) -> None:
    assert deployed.run("enertrack broker setup") == "Sin cambios\n"
