"""Role influxdb: its configuration, the vendor's repository, and tokens that can do no more than their process must."""

import json
import os
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import httpx
import pytest

from tests.support import influxd
from tests.support.influx_api import Api
from tests.support.machine import Machine
from tests.support.processes import free_port, running, wait_until
from tests.support.rendering import render, rendered


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


WRITE: Final = ("POST", "write?org=enertrack&bucket=enertrack&precision=s", "medicion,nodo=0 dt=1 1760000000")
BACKUP: Final = ("GET", "backup/metadata")


@pytest.mark.vm
def test_each_token_can_do_what_its_process_must_and_no_more(deployed: Machine) -> None:
    api = Api(deployed)
    assert api.ask_as("ingest", *WRITE)[0] == httpx.codes.NO_CONTENT
    for process in ("web", "doctor"):
        assert api.ask_as(process, *WRITE)[0] == httpx.codes.FORBIDDEN
        assert [b["name"] for b in json.loads(api.ask_as(process, "GET", "buckets")[1])["buckets"]] == ["enertrack"]
    for process in ("ingest", "web", "doctor"):
        assert api.ask_as(process, *BACKUP)[0] == httpx.codes.UNAUTHORIZED
    assert api.ask_as("backup", *BACKUP)[0] == httpx.codes.OK
    modes = deployed.run("stat -c '%a %U' /etc/influxdb/tokens /etc/influxdb/tokens/*").splitlines()
    assert modes == ["700 root", *["600 root"] * 4]


@pytest.mark.vm
def test_a_token_that_is_gone_or_refused_is_made_anew_in_place_of_the_old(deployed: Machine) -> None:
    api = Api(deployed)
    deployed.run("rm /etc/influxdb/tokens/web && echo otro > /etc/influxdb/tokens/doctor")
    kept = deployed.run("sha256sum /etc/influxdb/tokens/ingest")
    done = deployed.playbook("site", "--tags", "influxdb")
    assert done.changed == 3, done.output  # one removes the old ones, one makes the new ones, one keeps them
    for process in ("web", "doctor"):
        assert api.ask_as(process, "GET", "buckets")[0] == httpx.codes.OK
    assert deployed.run("sha256sum /etc/influxdb/tokens/ingest") == kept
    listed = json.loads(api.ask_as("backup", "GET", "authorizations")[1])["authorizations"]
    names = sorted(a["description"] for a in listed if a["description"].startswith("enertrack "))
    assert names == [f"enertrack {process}" for process in ("backup", "doctor", "ingest", "web")]


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder; what has not changed since it was fetched is not sent again."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.vm
def test_what_is_not_the_vendors_key_is_refused_and_fetched_anew(bare: Machine, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("la página de entrada de un hotel")
    with ThreadingHTTPServer((bare.gateway, 0), partial(Quiet, directory=tmp_path)) as server:
        Thread(target=server.serve_forever).start()
        url = f"http://{bare.gateway}:{server.server_port}/key"
        told = bare.playbook("site", "--tags", "influxdb", influxdb_binary="", influxdb_key_url=url)
        server.shutdown()
    assert told.failed
    assert f"La clave que ofrece {url} no es la de InfluxData" in " ".join(told.output.split())
    assert "influxdata" not in bare.run("ls /etc/apt/keyrings")


@pytest.mark.vm
def test_debians_influxdb_is_refused_with_its_mend(bare: Machine) -> None:
    package = "Package: influxdb\\nVersion: 1.6\\nArchitecture: all\\nMaintainer: x\\nStatus: install ok installed\\n"
    bare.run(f"printf '{package}Description: x\\n\\n' >> /var/lib/dpkg/status")
    told = bare.playbook("site", "--tags", "influxdb")
    assert told.failed
    assert "apt-get remove influxdb" in told.output
