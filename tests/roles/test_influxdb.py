"""Role influxdb: its configuration, the vendor's repository, and tokens that can do no more than their process must."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support import influxd
from tests.support.machine import Machine
from tests.support.processes import free_port, running, wait_until
from tests.support.rendering import render, rendered

API = "http://127.0.0.1:8086/api/v2"
POINT = "medicion,nodo=0 dt=1 1760000000"


def test_influxd_runs_on_its_configuration_and_shows_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    config = rendered("influxdb", "config.toml.j2", tmp_path, influxdb_port=port)
    (tmp_path / "config.toml").write_text(config.replace("/var/lib/influxdb", str(tmp_path)))
    env = os.environ | {"INFLUXD_CONFIG_PATH": str(tmp_path / "config.toml")}
    with running([influxd.find()], tmp_path / "log", env) as process:
        wait_until(lambda: _healthy(port), "influxd", process)
        closed = [httpx.get(f"http://127.0.0.1:{port}{path}").status_code for path in ("/metrics", "/debug/pprof/")]
    assert closed == [403, 403]
    assert (tmp_path / "influxd.bolt").exists()
    assert "concurrency_quota=16" in process.output()
    assert f"addr=127.0.0.1:{port}" in process.output()


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_for_other_hosts_it_speaks_https_on_all_addresses(tmp_path: Path) -> None:
    config = rendered("influxdb", "config.toml.j2", tmp_path, influxdb_remote_clients=["10.0.0.2"])
    assert 'http-bind-address = ":8086"' in config
    assert 'tls-cert = "/etc/influxdb/tls/influxdb.pem"' in config


def test_apt_understands_the_vendors_repository_and_takes_one_version_of_one_package_from_it(tmp_path: Path) -> None:
    sources, preferences = tmp_path / "influxdata.sources", tmp_path / "influxdata.pref"
    render("influxdb", {"influxdata.sources.j2": sources, "preferences.j2": preferences})
    places = {"sourcelist": "/dev/null", "sourceparts": tmp_path, "preferences": preferences}
    where = [f"--option=Dir::Etc::{name}={place}" for name, place in places.items()]
    command = ["apt-get", "update", "--print-uris", *where]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "https://repos.influxdata.com/debian/dists/stable/main/binary-" in told
    policy = subprocess.run(["apt-cache", "policy", *where], capture_output=True, text=True, check=True)
    assert policy.stderr == ""
    assert "Signed-By: /etc/apt/keyrings/influxdata-archive.asc" in sources.read_text()
    assert preferences.read_text().count("Pin-Priority: -1\n") == 1


def curl(machine: Machine, process: str, path: str, *options: str) -> str:
    """What curl prints for a process's token, which it reads from its input."""
    token = machine.run(f"cat /etc/influxdb/tokens/{process}").strip()
    command = " ".join(["curl", "--silent", "--config", "-", *options, f"'{API}{path}'"])
    return machine.run(command, text=f'header = "Authorization: Token {token}"\n')


def status(machine: Machine, process: str, path: str, *options: str) -> int:
    """How a request with a process's token ends."""
    return int(curl(machine, process, path, "--output", "/dev/null", "--write-out", "'%{http_code}'", *options))


WRITE = ("/write?org=enertrack&bucket=enertrack&precision=s", "--data-binary", f"'{POINT}'")


@pytest.mark.vm
def test_each_token_can_do_what_its_process_must_and_no_more(deployed: Machine) -> None:
    assert status(deployed, "ingest", *WRITE) == httpx.codes.NO_CONTENT
    for process in ("web", "doctor"):
        assert status(deployed, process, *WRITE) == httpx.codes.FORBIDDEN
        assert [b["name"] for b in json.loads(curl(deployed, process, "/buckets"))["buckets"]] == ["enertrack"]
        assert status(deployed, process, "/backup/metadata") == httpx.codes.UNAUTHORIZED
    assert status(deployed, "backup", "/backup/metadata") == httpx.codes.OK
    assert deployed.run("stat -c '%a %U' /etc/influxdb/tokens /etc/influxdb/tokens/*").split("\n")[:2] == [
        "700 root",
        "600 root",
    ]


@pytest.mark.vm
def test_a_token_that_is_gone_or_refused_is_made_anew_in_place_of_the_old(deployed: Machine) -> None:
    deployed.run("rm /etc/influxdb/tokens/web && echo otro > /etc/influxdb/tokens/doctor")
    kept = deployed.run("sha256sum /etc/influxdb/tokens/ingest")
    assert deployed.playbook("site", "--tags", "always,influxdb").failed == 0
    for process in ("web", "doctor"):
        assert status(deployed, process, "/buckets") == httpx.codes.OK
    assert deployed.run("sha256sum /etc/influxdb/tokens/ingest") == kept
    listed = json.loads(curl(deployed, "backup", "/authorizations"))["authorizations"]
    assert sorted(a["description"] for a in listed if a["description"].startswith("enertrack ")) == [
        "enertrack backup",
        "enertrack doctor",
        "enertrack ingest",
        "enertrack web",
    ]


@pytest.mark.vm
def test_debians_influxdb_is_refused_with_its_mend(bare: Machine) -> None:
    package = "Package: influxdb\\nVersion: 1.6\\nArchitecture: all\\nMaintainer: x\\nStatus: install ok installed\\n"
    bare.run(f"printf '{package}Description: x\\n\\n' >> /var/lib/dpkg/status")
    told = bare.playbook("site", "--tags", "always,influxdb")
    assert told.failed
    assert "apt-get remove influxdb" in told.output
