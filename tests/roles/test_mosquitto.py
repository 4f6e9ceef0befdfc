"""Role mosquitto: its configuration and its first account on a real broker, and what survives a kill."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.authority import Authority
from tests.support.kills import kill
from tests.support.machine import Machine
from tests.support.processes import free_port, listening, running, wait_until
from tests.support.rendering import render

EMPTY = 47
"""Bytes of a file of sessions without any."""
PASSWORD = "una clave 'de' \"prueba\" ñ"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Mosquitto on what the role renders; its two ports."""
    folder = tmp_path_factory.mktemp("mosquitto")
    pair = Authority(folder).issue("DNS:localhost")
    pair.certificate.rename(folder / "fullchain.pem")
    pair.key.rename(folder / "privkey.pem")
    ports = {"mosquitto_port": free_port(), "mosquitto_plain_port": free_port()}
    config, state = folder / "mosquitto.conf", folder / "dynamic-security.json"
    where = {"mosquitto_certificates": str(folder), "mosquitto_state": str(folder)}
    files = {"mosquitto.conf.j2": config, "dynamic-security.json.j2": state}
    render("mosquitto", files, **where, **ports, mosquitto_admin_password=PASSWORD)
    if os.geteuid() == 0:
        config.write_text(config.read_text() + "user root\n")
    with running(["/usr/sbin/mosquitto", "-c", config], folder / "log") as process:
        wait_until(lambda: all(map(listening, ports.values())), "Mosquitto", process)
        yield ports
    assert not [line for line in process.output().splitlines() if re.match(r"(\d+: )?Error", line)]


def control(broker: dict[str, int], password: str, *words: str) -> str:
    """What the broker's own tool says."""
    account = ["-p", str(broker["mosquitto_plain_port"]), "-u", "enertrack-admin", "-P", password]
    done = subprocess.run(["mosquitto_ctrl", *account, "dynsec", *words], capture_output=True, text=True, check=False)
    return done.stdout


def test_the_first_account_is_let_in_and_no_other_password(broker: dict[str, int]) -> None:
    assert control(broker, PASSWORD, "listClients") == "enertrack-admin\n"
    assert "enertrack-admin" not in control(broker, "otra", "listClients")


def test_by_default_nothing_is_allowed_but_to_end_a_subscription(broker: dict[str, int]) -> None:
    told = control(broker, PASSWORD, "getDefaultACLAccess").splitlines()
    allowed = dict(line.replace(" ", "").split(":") for line in told if ":" in line)
    assert {name for name, answer in allowed.items() if answer == "allow"} == {"unsubscribe"}


@pytest.mark.parametrize("account", [[], ["-u", "enertrack-admin", "-P", "otra"]])
def test_nobody_enters_without_an_account(broker: dict[str, int], account: list[str]) -> None:
    where = ["-p", str(broker["mosquitto_plain_port"]), "-t", "x", "-m", "y", "-q", "1", "-V", "5"]
    done = subprocess.run(["mosquitto_pub", *where, *account], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "not authorised" in (done.stdout + done.stderr).lower().replace("authorized", "authorised")


def test_the_administrator_reads_and_sends_no_readings(broker: dict[str, int]) -> None:
    where = ["-p", str(broker["mosquitto_plain_port"]), "-u", "enertrack-admin", "-P", PASSWORD, "-V", "5", "-d"]
    send = ["mosquitto_pub", *where, "-t", "enertrack/02E7AF000001/medicion", "-m", "{}", "-q", "1"]
    assert "Not authorized" in subprocess.run(send, capture_output=True, text=True, check=False).stderr
    hear = ["mosquitto_sub", *where, "-t", "enertrack/#", "-E"]
    assert (
        "All subscription requests were denied"
        in subprocess.run(hear, capture_output=True, text=True, check=False).stderr
    )


def test_what_it_keeps_of_a_password_has_the_form_of_its_own_tools(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    render("mosquitto", {"dynamic-security.json.j2": ours}, mosquitto_admin_password=PASSWORD)
    subprocess.run(["mosquitto_ctrl", "dynsec", "init", theirs, "x", "y"], check=True, capture_output=True)
    (one,), (other,) = (json.loads(file.read_text())["clients"] for file in (ours, theirs))
    assert one.keys() == other.keys()
    assert [len(one[name]) for name in ("password", "salt")] == [len(other[name]) for name in ("password", "salt")]
    assert PASSWORD not in ours.read_text()


@pytest.mark.vm
def test_killed_it_is_back_with_its_sessions_and_accounts(deployed: Machine) -> None:
    before = deployed.run("sha256sum /var/lib/mosquitto/dynamic-security.json")
    size = "$(stat -c %s /var/lib/mosquitto/mosquitto.db)"
    deployed.run(f"timeout 60 sh -c 'until [ {size} -gt {EMPTY} ]; do :; done'")  # ingest's session is saved
    kill(deployed, "mosquitto")
    assert deployed.run("sha256sum /var/lib/mosquitto/dynamic-security.json") == before
    assert int(deployed.run(f"echo {size}")) > EMPTY


@pytest.mark.vm
def test_a_run_over_accounts_that_are_there_leaves_them(deployed: Machine) -> None:
    before = deployed.run("sha256sum /var/lib/mosquitto/dynamic-security.json")
    assert deployed.playbook("site", "--tags", "mosquitto").changed == 0
    assert deployed.run("sha256sum /var/lib/mosquitto/dynamic-security.json") == before
