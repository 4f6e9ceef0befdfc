"""What the operator wrote is checked before anything is touched; no machine is needed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.machine import REPOSITORY

DEBIAN = {"distribution": "Debian", "distribution_version": "12.9", "distribution_major_version": "12"}
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.set_fact": {"cacheable": True} | {name: f"{{{{ facts.{name} }}}}" for name in DEBIAN}},
            {"ansible.builtin.include_role": {"name": "base", "tasks_from": "validate"}},
        ],
    }
]


def validate(folder: Path, facts: dict[str, str] | None = None, **given: object) -> tuple[int, str]:
    """The exit code and what is said, on a host of ``facts``."""
    play = folder / "play.yml"
    play.write_text(json.dumps(PLAY))
    hosts = {"casa": {"ansible_connection": "local", "facts": facts or DEBIAN}}
    inventory = folder / "hosts.yml"
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": given}}))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", inventory, play],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"DOMINIO": "energia.sucasa.org", "EMAIL": "ana@sucasa.org"},
        {"DOMINIO": "casa.duckdns.org", "DUCKDNSTOKEN": "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"},
        {"DOMINIO": "energia.example.test", "EMAIL": "ana@example.test", "PUERTO": 8443, "PUERTO_MQTTS": "9883"},
        {
            "DOMINIO": "energia.sucasa.org",
            "EMAIL": "ana@sucasa.org",
            "TZ": "America/Argentina/Buenos_Aires",
            "enertrackBotToken": "123456:" + "A" * 35,
            "MQTT_USR": "placas",
            "MQTT_PASS": "x",
        },
    ],
)
def test_what_is_right_is_let_through(tmp_path: Path, given: dict[str, Any]) -> None:
    code, said = validate(tmp_path, **given)
    assert code == 0, said


def test_every_mistake_is_told_at_once_with_its_mend(tmp_path: Path) -> None:
    token = "esto no es una clave"
    code, said = validate(
        tmp_path,
        DOMINIO="https://Energia.org",
        EMAIL="ana",
        PUERTO=70000,
        PUERTO_MQTTS=3306,
        DUCKDNSTOKEN=token,
        enertrackBotToken="nada",
        TZ="buenos aires",
        MQTT_USR="placas",
        INFLUX_URL="https://otro.example",
        SERVIDOR="casa",
        TB_TOKEN="viejo",
        MYSQL_ROOT_PASSWORD="x",
    )
    assert code != 0
    for name in ("DOMINIO", "EMAIL", "PUERTO, PUERTO_MQTTS", "DUCKDNSTOKEN", "enertrackBotToken", "TZ", "MQTT_PASS"):
        assert f"{name}: " in said, said
    for mend in ("SERVIDOR: use DOMINIO", "TB_TOKEN: use enertrackBotToken", "INFLUX_TOKEN: falta", "MYSQL_ROOT_PASS"):
        assert mend in said, said
    assert token not in said


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ({}, "DOMINIO: falta"),
        ({"DOMINIO": "energia.example.org"}, "sigue siendo el del ejemplo"),
        ({"DOMINIO": "energia.sucasa.org"}, "EMAIL: falta"),
        (
            {"DOMINIO": "a.b.org", "EMAIL": "a@b.org", "PUERTO": 9000, "PUERTO_MQTTS": 9000},
            "escriba dos distintos",
        ),
    ],
)
def test_what_is_missing_or_still_the_examples_stops_the_run(tmp_path: Path, given: dict[str, Any], mend: str) -> None:
    code, said = validate(tmp_path, **given)
    assert code != 0
    assert mend in said, said


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"distribution": "Debian", "distribution_version": "13.1", "distribution_major_version": "13"}, 0),
        ({"distribution": "Ubuntu", "distribution_version": "24.04", "distribution_major_version": "24"}, 0),
        ({"distribution": "Ubuntu", "distribution_version": "22.04", "distribution_major_version": "22"}, 2),
        ({"distribution": "Debian", "distribution_version": "11.9", "distribution_major_version": "11"}, 2),
        ({"distribution": "Fedora", "distribution_version": "42", "distribution_major_version": "42"}, 2),
    ],
)
def test_only_known_systems(tmp_path: Path, facts: dict[str, str], code: int) -> None:
    found, said = validate(tmp_path, facts, DOMINIO="energia.sucasa.org", EMAIL="ana@sucasa.org")
    assert found == code, said
    assert code == 0 or "hace falta Debian 12, Debian 13 o Ubuntu 24.04" in said
