"""What the operator wrote is checked before anything is touched; no machine is needed."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.machine import REPOSITORY

NAMES: Final = {"DOMINIO": "energia.sucasa.org", "EMAIL": "ana@sucasa.org"}
NO_TOKEN: Final = "esto no es una clave"
S3: Final = "s3:https://s3.sucasa.org/casa"
RIGHT: Final[Mapping[str, dict[str, Any]]] = {
    "plain": NAMES,
    "duckdns": {"DOMINIO": "casa.duckdns.org", "DUCKDNSTOKEN": "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"},
    "ports": NAMES | {"PUERTO": 8443, "PUERTO_MQTTS": "9883"},
    "zone": NAMES | {"TZ": "America/Argentina/Buenos_Aires"},
    "telegram": NAMES | {"enertrackBotToken": "123456:" + "A" * 35},
    "shared": NAMES | {"MQTT_USR": "placas", "MQTT_PASS": "x"},
    "mail": NAMES
    | {
        "ENERTRACK_REGISTRO": "abierto",
        "ENERTRACK_SMTP_HOST": "smtp.sucasa.org",
        "ENERTRACK_SMTP_REMITENTE": "enertrack@sucasa.org",
        "ENERTRACK_SMTP_SEGURIDAD": "tls",
        "ENERTRACK_SMTP_USUARIO": "enertrack",
        "ENERTRACK_SMTP_CLAVE": "x",
    },
    "managed": NAMES
    | {"MYSQL_HOST": "db.sucasa.org", "MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "ENERTRACK_MYSQL_PUERTO": 3307}
    | {"INFLUX_URL": "https://influx.sucasa.org", "INFLUX_TOKEN": "t", "INFLUX_ORG": "o", "INFLUX_BUCKET": "b"}
    | {"ENERTRACK_MQTT_HOST": "mqtt.sucasa.org", "ENERTRACK_MQTT_USUARIO": "e", "ENERTRACK_MQTT_CLAVE": "c"}
    | {"ENERTRACK_CUENTAS_BROKER": "ninguna"},
    "folder": NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": "/srv/copias"},
    "s3": NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": S3, "ENERTRACK_RESPALDO_ENTORNO": "AWS_ACCESS_KEY_ID=a"},
    "rest": NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": "rest:https://copias.sucasa.org/casa"},
    "own": NAMES | {"MI_NOMBRE": "ana", "puertos_de_otro": [1]},
    "trixie": NAMES | {"system": ("Debian", "13.1", "13")},
    "noble": NAMES | {"system": ("Ubuntu", "24.04", "24")},
}
MANY: Final = {
    "DOMINIO": "https://Energia.org",
    "EMAIL": "ana",
    "PUERTO": 70000,
    "PUERTO_MQTTS": 3306,
    "DUCKDNSTOKEN": NO_TOKEN,
    "enertrackBotToken": "nada",
    "TZ": "buenos aires",
    "MQTT_USR": "placas",
    "INFLUX_URL": "https://otro.example",
    "SERVIDOR": "casa",
    "ENERTRACK_REGISTRO": "libre",
    "ENERTRACK_SMTP_SEGURIDAD": "ssl",
    "ENERTRACK_SMTP_HOST": "smtp.sucasa.org",
    "ENERTRACK_SMTP_USUARIO": "enertrack",
    "TB_TOKEN": "viejo",
    "MYSQL_ROOT_PASSWORD": "x",
}
OTHER_SYSTEM: Final = "hace falta Debian 12, Debian 13 o Ubuntu 24.04"
WRONG: Final[Mapping[str, tuple[dict[str, Any], str]]] = {
    "nothing": ({}, "DOMINIO: falta"),
    "example": (NAMES | {"DOMINIO": "energia.example.org"}, "sigue siendo el del ejemplo"),
    "nobody": ({"DOMINIO": "energia.sucasa.org"}, "EMAIL: falta"),
    "same": (NAMES | {"PUERTO": 9000, "PUERTO_MQTTS": 9000}, "escriba dos distintos"),
    "jammy": (NAMES | {"system": ("Ubuntu", "22.04", "22")}, OTHER_SYSTEM),
    "bullseye": (NAMES | {"system": ("Debian", "11.9", "11")}, OTHER_SYSTEM),
    "fedora": (NAMES | {"system": ("Fedora", "42", "42")}, OTHER_SYSTEM),
    "nowhere": (NAMES | {"TZ": "America/Nowhere"}, "TZ: «America/Nowhere» no es una zona horaria"),
    "user": (NAMES | {"MYSQL_USER": "u"}, "MYSQL_HOST: falta, y va junto con MYSQL_USER"),
    "token": (NAMES | {"INFLUX_TOKEN": "t"}, "INFLUX_URL: falta, y va junto con INFLUX_TOKEN"),
    "account": (NAMES | {"ENERTRACK_MQTT_CLAVE": "t"}, "ENERTRACK_MQTT_HOST: falta, y va junto con"),
    "adapter": (NAMES | {"ENERTRACK_CUENTAS_BROKER": "dinsec"}, "ENERTRACK_CUENTAS_BROKER: escriba dynsec"),
    "keyless": (NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": S3}, "ENERTRACK_RESPALDO_ENTORNO: falta"),
    "relative": (NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": "copias"}, "ENERTRACK_RESPALDO_REPOSITORIO: escriba"),
    "userinfo": (
        NAMES | {"ENERTRACK_RESPALDO_REPOSITORIO": "rest:https://ana:clave@copias.sucasa.org"},
        "ENERTRACK_RESPALDO_REPOSITORIO: quite la cuenta",
    ),
    "letter": (NAMES | {"DUCKDNSTOKN": "x"}, "DUCKDNSTOKN: no se conoce: ¿es DUCKDNSTOKEN?"),
    "small": (NAMES | {"Puerto": 8443}, "Puerto: no se conoce: ¿es PUERTO?"),
    "bot": (NAMES | {"ENERTRACKBOTTOKEN": "x"}, "ENERTRACKBOTTOKEN: no se conoce: ¿es enertrackBotToken?"),
    "unread": (NAMES | {"ENERTRACK_MODO": "produccion"}, "ENERTRACK_MODO: aquí no se lee: quítela"),
    "many0": (MANY, "DOMINIO: «https://Energia.org» no es un nombre"),
    "many1": (MANY, "EMAIL: no es"),
    "many2": (MANY, "PUERTO, PUERTO_MQTTS: escriba"),
    "many3": (MANY, "DUCKDNSTOKEN: no tiene la forma"),
    "many4": (MANY, "enertrackBotToken: no tiene la forma"),
    "many5": (MANY, "TZ: «buenos aires»"),
    "many6": (MANY, "MQTT_PASS: falta"),
    "many7": (MANY, "INFLUX_TOKEN: falta"),
    "many8": (MANY, "SERVIDOR: use DOMINIO"),
    "many9": (MANY, "TB_TOKEN: use enertrackBotToken"),
    "many10": (MANY, "MYSQL_ROOT_PASSWORD: quítela"),
    "many11": (MANY, "ENERTRACK_REGISTRO: «libre»"),
    "many12": (MANY, "ENERTRACK_SMTP_SEGURIDAD: «ssl»"),
    "many13": (MANY, "ENERTRACK_SMTP_REMITENTE: falta"),
    "many14": (MANY, "ENERTRACK_SMTP_CLAVE: falta"),
}
READ: Final = re.compile(r"\b([A-Z][A-Z_]+) (?:\| default|is (?:not )?defined)")
FACTS: Final = ("distribution", "distribution_version", "distribution_major_version")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each host of one inventory is told: each case is a host."""
    folder = tmp_path_factory.mktemp("validate")
    cases = dict(RIGHT) | {name: given for name, (given, _) in WRONG.items()}
    hosts = {
        name: {"ansible_connection": "local", "system": ("Debian", "12.9", "12")} | given
        for name, given in cases.items()
    }
    facts = {fact: f"{{{{ system[{number}] }}}}" for number, fact in enumerate(FACTS)}
    tasks = [
        {"ansible.builtin.set_fact": facts | {"cacheable": True}},
        {"ansible.builtin.include_role": {"name": "base", "tasks_from": "validate"}},
    ]
    play, inventory = folder / "play.yml", folder / "hosts.yml"
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "--inventory", str(inventory), str(play)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert NO_TOKEN not in done.stdout + done.stderr
    blocks = re.split(r"^fatal: \[(\w+)\]: ", done.stdout.split("PLAY RECAP")[0], flags=re.MULTILINE)
    assert len(blocks) > 1, done.stdout + done.stderr
    return dict(zip(blocks[1::2], blocks[2::2], strict=True))


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_let_through(told: dict[str, str], name: str) -> None:
    assert name not in told


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stops_the_run_with_its_mend(told: dict[str, str], name: str) -> None:
    assert WRONG[name][1] in " ".join(told[name].split())


def test_every_name_that_is_read_is_known() -> None:
    playbooks = [*REPOSITORY.glob("playbooks/*.yml"), *REPOSITORY.glob("playbooks/*/*.yml")]
    read = {name for file in playbooks for name in READ.findall(file.read_text())}
    told = yaml.safe_load((REPOSITORY / "roles/base/vars/main.yml").read_text())
    assert {"PUERTO", "INFLUX_TOKEN", "ENERTRACK_RESPALDO_ENTORNO"} <= read
    assert read - {*told["base_alone"], *told["base_together"]} == set()
