"""What is open, what a broken-in process could do, and where secrets are."""

import re
from pathlib import Path

import pytest

from tests.roles.conftest import Layer, only
from tests.support import outside
from tests.support.machine import Machine
from tests.support.watching import watched

pytestmark = pytest.mark.vm

OURS_AT_MOST = 1.5
OTHERS_AT_MOST = 4.0
OTHERS = ("mariadb", "influxdb", "mosquitto", "nginx", "fail2ban", "php*-fpm", "certbot")
OUR_SECRETS = "find /etc/enertrack/credentials /etc/influxdb/tokens -type f -size +7c -exec grep -H '' {} +"
GIVEN = {
    "MQTT_USR": "placas",
    "MQTT_PASS": "clave-de-las-placas-originales",
    "ENERTRACK_RESPALDO_ENTORNO": "AWS_SECRET_ACCESS_KEY=clave-de-otro-servidor",
    "enertrackBotToken": "123456:clave-del-bot-que-todavia-nadie-usa",
}
RESTICS_OWN = ("environ of restic", GIVEN["ENERTRACK_RESPALDO_ENTORNO"])
"""Restic takes the account of another host's repository from its environment (docs/operations.md)."""
WORK = "systemctl start enertrack-backup enertrack-rehearsal enertrack-certificates && enertrack doctor"
IN_SIGHT = {
    "journal": "journalctl --no-pager --output=export",
    "logs": "find /var/log -type f -exec cat {} +",
    "readable by all": "find /etc /opt /run /usr/local /var/lib /tmp -xdev -type f -perm -o=r -exec cat {} +",
    "backups": "find /var/backups -type f -exec cat {} +",
}


def test_only_what_is_meant_answers(deployed: Machine) -> None:
    assert outside.open_ports(deployed.address) == {22, 80, 443, 8883}


def scores(machine: Machine, *patterns: str) -> dict[str, float]:
    """Exposure of the services of some patterns (systemd-analyze security)."""
    wanted = " ".join(f"'{pattern}.service'" for pattern in patterns)
    listed = machine.run(f"systemctl list-unit-files --no-legend {wanted}")
    units = [line.split()[0] for line in listed.splitlines() if "@" not in line]
    told = machine.run(f"for unit in {' '.join(units)}; do systemd-analyze security --no-pager $unit | tail -n 1; done")
    return {unit: float(score) for unit, score in re.findall(r"level for (\S+): (\S+)", told)}


def test_a_process_may_do_little(deployed: Machine) -> None:
    ours = scores(deployed, "enertrack-*")
    others = scores(deployed, *OTHERS)
    assert {"enertrack-web.service", "enertrack-ingest.service"} <= ours.keys()
    assert {"mariadb.service", "influxdb.service", "mosquitto.service", "nginx.service"} <= others.keys()
    assert {unit: score for unit, score in ours.items() if score > OURS_AT_MOST} == {}
    assert {unit: score for unit, score in others.items() if score > OTHERS_AT_MOST} == {}


def secrets(machine: Machine) -> dict[str, str]:
    """Every secret by where it is kept, the controller's and those made on the machine: of a key its longest line."""
    kept = {
        file.name: max(file.read_text().split("\n"), key=len) for file in machine.secrets.rglob("*") if file.is_file()
    }
    there = dict(line.split(":", 1) for line in machine.run(OUR_SECRETS).splitlines())
    public = ("ca.pem", "cert")
    return {place: value for place, value in (kept | there).items() if len(value) >= 8 and not place.endswith(public)}


@only("trixie")
def test_no_secret_is_in_sight(deployed: Machine, installed: Layer) -> None:
    deployed.variables |= GIVEN
    with watched(deployed) as shown:
        second = deployed.playbook("site", "-vvv", plain=True)
        deployed.run(WORK)
    assert second.failed == 0, second.output[-8000:]
    assert {"restic", "mariadb-dump", "enertrack"} <= {one.program for one in shown}
    known = secrets(deployed)
    assert {"influx_admin", "mqtt_admin", "restic"} <= known.keys()
    assert {GIVEN["MQTT_PASS"], GIVEN["ENERTRACK_RESPALDO_ENTORNO"]} <= set(known.values())
    known |= {"bot": GIVEN["enertrackBotToken"]}
    seen = {
        place: deployed.run(f"{look} 2>/dev/null  | tr -c '[:print:]' '\\n' | grep -E '.{{8}}'", check=False)
        for place, look in IN_SIGHT.items()
    }
    seen["ansible -vvv, first run"] = installed.output
    seen["ansible -vvv, second run"] = second.output
    assert all(seen.values())
    found = {(place, value) for place, text in seen.items() for value in known.values() if value in text}
    found |= {(f"{one.kind} of {one.program}", value) for one in shown for value in known.values() if value in one.text}
    assert found == {RESTICS_OWN}


def test_secrets_of_the_controller_are_its_owners_alone(deployed: Machine) -> None:
    files = [path for path in deployed.secrets.rglob("*") if path.is_file()]
    assert files
    assert [str(Path(path)) for path in files if path.stat().st_mode & 0o077] == []
