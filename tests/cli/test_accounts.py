"""The operator's commands on a real MariaDB and a real broker with accounts."""

import asyncio
import re

import pytest

from enertrack.settings import load
from enertrack.stores.broker.client import Account, NotLetIn, connect
from tests.cli.conftest import Host

METER = "A0B76512F3C8"
PASSWORD = re.compile(r"([a-z2-9]{4}-){6}[a-z2-9]{4}")


def lets_in(host: Host, user: str, password: str) -> bool:
    """Whether the broker lets a meter in with this password."""
    to = load(host.env)

    async def enters() -> bool:
        try:
            async with connect(to, client_id=f"enertrack-{user}", account=Account(user, password)):
                return True
        except NotLetIn:
            return False

    return asyncio.run(enters())


def test_setting_up_the_broker_says_what_it_changed(host: Host) -> None:
    first = host.set_up()
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.splitlines()) == 7
    assert host.set_up().stdout == "Sin cambios\n"
    file = host.folder / "credentials" / "web" / "enertrack_mqtt_clave"
    file.write_text("otra clave")
    assert host.set_up().stdout == "Cuenta enertrack-web: clave nueva\n"
    shared = {"MQTT_USR": "placas", "MQTT_PASS": "la de las placas"}
    assert host.set_up(**shared).stdout == "Rol enertrack-originales: creado\nCuenta placas: creada\n"
    assert host.set_up(**shared).stdout == "Sin cambios\n"
    assert host.set_up().stdout == "Cuenta placas: quitada\n"
    file.write_text("")
    assert host.set_up().stdout == "Sin cambios\n"


@pytest.mark.parametrize("taken", [METER, "enertrack-web"])
def test_the_shared_account_takes_no_others_name(taken: str, host: Host) -> None:
    done = host.set_up(MQTT_USR=taken, MQTT_PASS="x")
    assert done.returncode == 1
    assert "MQTT_USR" in done.stderr


def test_a_folder_without_passwords_is_no_folder(host: Host) -> None:
    done = host.run("broker", "setup", "--credentials", str(host.folder / "otra"))
    assert done.returncode == 1
    assert "--credentials" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_meters_password_is_shown_once_and_kept_nowhere(host: Host) -> None:
    added = host.run("node", "add", METER, "--name", "Casa")
    assert added.returncode == 0
    (shown,) = {m[0] for m in PASSWORD.finditer(added.stdout)}
    assert f"usuario: {METER}\n" in added.stdout
    assert "casa.example, puerto 8883" in added.stdout
    assert shown not in added.stderr
    assert shown not in host.run("node", "list").stdout + host.run("node", "list", "--json").stdout
    assert lets_in(host, METER, shown)
    again = host.run("node", "add", METER, "--name", "Casa")
    assert (again.returncode, "node renew" in again.stderr) == (1, True)
    assert lets_in(host, METER, shown)
    assert host.json("node", "revoke", METER) == {"esp_id": METER, "cuenta": False}


def test_a_meters_life_as_json(host: Host) -> None:
    added = host.json("node", "add", METER, "--name", "Casa")
    assert (added["usuario"], added["cliente"], added["puerto"]) == (METER, f"enertrack-{METER}", 8883)
    assert lets_in(host, METER, added["clave"])
    renewed = host.json("node", "renew", METER)
    assert renewed["nodo"] == added["nodo"]
    assert not lets_in(host, METER, added["clave"])
    assert lets_in(host, METER, renewed["clave"])
    (listed,) = host.json("node", "list")
    assert (listed["activo"], listed["cuenta"], listed["estado"]) == (True, True, "sin_datos")
    for _ in range(2):
        assert host.json("node", "revoke", METER)["cuenta"] is False
    assert not lets_in(host, METER, renewed["clave"])
    (listed,) = host.json("node", "list")
    assert (listed["activo"], listed["cuenta"]) == (False, False)
    assert "(de baja)" in host.run("node", "list").stdout
    back = host.json("node", "renew", METER)
    assert lets_in(host, METER, back["clave"])
    assert host.json("node", "revoke", METER)


@pytest.mark.parametrize("command", ["renew", "revoke"])
def test_an_unknown_meter_is_told(command: str, host: Host) -> None:
    done = host.run("node", command, "A0B7651200FF")
    assert (done.returncode, "node list" in done.stderr) == (1, True)


def test_while_the_broker_is_away_nothing_is_made_and_the_list_is_shown(host: Host) -> None:
    away = {"ENERTRACK_MQTT_PUERTO": "1"}
    done = host.run("node", "add", METER, "--name", "Casa", **away)
    assert (done.returncode, "No se llega al broker" in done.stderr) == (1, True)
    assert host.json("node", "list") == []
    assert host.json("node", "add", METER, "--name", "Casa")["clave"]
    assert METER in host.run("node", "list", **away).stdout
    assert host.json("node", "revoke", METER)


def test_where_accounts_are_made_by_hand_it_says_how(host: Host) -> None:
    by_hand = {"ENERTRACK_CUENTAS_BROKER": "ninguna"}
    added = host.run("node", "add", METER, "--name", "Casa", **by_hand)
    assert f"publicar en enertrack/{METER}/medicion" in added.stdout
    assert not PASSWORD.search(added.stdout)
    assert "sin cuenta: enertrack node renew" in host.run("node", "list").stdout
    revoked = host.run("node", "revoke", METER, **by_hand)
    assert "Quite en su broker la cuenta" in revoked.stdout
    told = host.run("broker", "setup", "--credentials", str(host.folder / "credentials"), **by_hand)
    assert "cuenta enertrack-ingest" in told.stdout
    assert "$share/ingest/enertrack/+/medicion" in told.stdout
