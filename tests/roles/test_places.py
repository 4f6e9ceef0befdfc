"""Where each host finds the stores, and that what the inventory says wins over the playbooks' defaults."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.rendering import REPOSITORY

FIRST, SECOND = "192.0.2.1", "192.0.2.2"
HOSTS = {"uno": {"ansible_host": FIRST}, "dos": {"ansible_host": SECOND}}
SOCKET = {"MYSQL_DB": "enertrack", "ENERTRACK_MYSQL_SOCKET": "/run/mysqld/mysqld.sock"}
CA = "/etc/enertrack/ca.pem"


def seen(folder: Path, expression: str, groups: Mapping[str, list[str]], **variables: object) -> dict[str, Any]:
    """What an expression means on each host."""
    members = {group: {"hosts": dict.fromkeys(hosts)} for group, hosts in groups.items()}
    given = {"DOMINIO": "energia.example.test", "enertrack_secrets": str(folder / "secrets")} | variables
    inventory = folder / "inventory.yml"
    inventory.write_text(json.dumps({"all": {"hosts": HOSTS, "children": members, "vars": given}}))
    env = os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "oneline"}
    program = str(Path(sys.executable).with_name("ansible"))
    where = ["--inventory", str(inventory), "--playbook-dir", str(REPOSITORY / "playbooks")]
    message = json.dumps({"msg": f"{{{{ {expression} }}}}"})
    command = [program, *where, "all", "--module-name", "ansible.builtin.debug", "--args", message, "--one-line"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (line.split(" | SUCCESS => ") for line in done.stdout.splitlines() if " | SUCCESS => " in line)
    return {host: json.loads(answer)["msg"] for host, answer in lines}


def test_what_the_inventory_says_wins(tmp_path: Path) -> None:
    assert seen(tmp_path, "enertrack_secrets", {"enertrack": ["uno"]})["uno"] == str(tmp_path / "secrets")


def test_on_one_host_the_stores_listen_to_nobody_else(tmp_path: Path) -> None:
    everything = {group: ["uno"] for group in ("mariadb", "influxdb", "web", "ingest", "backup")}
    told = seen(tmp_path, "[enertrack_mysql_env, enertrack_influx_env, mariadb_remote_clients]", everything)
    mysql, influx, clients = told["uno"]
    assert mysql == SOCKET
    assert (influx["INFLUX_URL"], influx["ENERTRACK_INFLUX_CA"]) == ("http://127.0.0.1:8086", "")
    assert clients == []


def test_on_two_hosts_the_other_one_is_spoken_to_over_tls(tmp_path: Path) -> None:
    groups = {"mariadb": ["uno"], "influxdb": ["uno"], "backup": ["uno"], "web": ["dos"], "ingest": ["uno", "dos"]}
    both = "[enertrack_mysql_env, enertrack_influx_env, mariadb_remote_clients + influxdb_remote_clients]"
    told = seen(tmp_path, both, groups)
    mysql, influx, clients = told["dos"]
    assert mysql == {"MYSQL_DB": "enertrack", "MYSQL_HOST": FIRST, "ENERTRACK_MYSQL_CA": CA}
    assert (influx["INFLUX_URL"], influx["ENERTRACK_INFLUX_CA"]) == (f"https://{FIRST}:8086", CA)
    assert clients == [SECOND, SECOND]
    mysql, influx, _ = told["uno"]
    assert mysql == SOCKET
    assert (influx["INFLUX_URL"], influx["ENERTRACK_INFLUX_CA"]) == ("https://127.0.0.1:8086", CA)


def test_managed_stores_are_used_as_they_are_given(tmp_path: Path) -> None:
    given = {"MYSQL_HOST": "db.example.test", "MYSQL_DB": "otra", "INFLUX_URL": "https://influx.example.test"}
    told = seen(tmp_path, "[enertrack_mysql_env, enertrack_influx_env]", {"web": ["uno"]}, **given)
    mysql, influx = told["uno"]
    assert (mysql["MYSQL_HOST"], mysql["MYSQL_DB"]) == ("db.example.test", "otra")
    assert influx["INFLUX_URL"] == "https://influx.example.test"


@pytest.mark.parametrize(
    ("host", "outgoing"), [("", []), ("smtp.example.test", ["web"]), ("127.0.0.1", [])], ids=["none", "far", "here"]
)
def test_pages_may_go_out_only_to_send_mail(tmp_path: Path, host: str, outgoing: list[str]) -> None:
    everything = {group: ["uno"] for group in ("mariadb", "influxdb", "mosquitto", "web", "ingest", "backup")}
    given = {"ENERTRACK_SMTP_HOST": host, "ENERTRACK_SMTP_REMITENTE": "e@example.test"} if host else {}
    assert seen(tmp_path, "app_outgoing", everything, **given)["uno"] == outgoing


def test_all_go_out_where_a_store_is_on_another_host(tmp_path: Path) -> None:
    groups = {"mariadb": ["uno"], "influxdb": ["uno"], "mosquitto": ["uno"], "web": ["dos"], "ingest": ["uno"]}
    told = seen(tmp_path, "app_outgoing", groups)
    assert told["uno"] == []
    assert told["dos"] == ["web", "certificates", "doctor"]
