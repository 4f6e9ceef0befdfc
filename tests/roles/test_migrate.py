"""``playbooks/migrate.yml``: an original's people sign in at the new machine and find their consumption."""

import re
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.original.source import HOUSE, PASSWORDS, Sent, Tables, day_wh, export, sent, shown_wh, write
from tests.roles.conftest import only
from tests.support.influxd import Influxd
from tests.support.machine import Machine, host
from tests.support.mariadb import MariaDB
from tests.support.outside import visitor

pytestmark = pytest.mark.vm

DOCKER = """#!/bin/sh
# Stands where Docker would: the containers' programs are this machine's own.
[ "$1 $2" = 'exec -i' ] || exit 1
shift 3
exec env INFLUXD_ENGINE_PATH=/srv/original/engine "$@"
"""


@dataclass(frozen=True)
class Original:
    """Copies of an original, its engine's files, and what its house used."""

    tables: Path
    measurements: Path
    engine: Path
    house: list[Sent]


@pytest.fixture(scope="module")
def original(mariadb_server: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Original:
    folder = tmp_path_factory.mktemp("original")
    mariadb_server.create("original")
    tables = Tables(mariadb_server, "original").dump(folder / "original.sql")
    house = sent(int(time.time()) - 600 * 86_400, 0.0)
    with Influxd(tmp_path_factory.mktemp("influxd")) as influxd:
        bucket = influxd.new_bucket()
        write(influxd, bucket, [line for s in house for line in s.lines(HOUSE)])
        measurements = export(influxd, bucket, folder / "mediciones.lp.gz")
        with tarfile.open(folder / "engine.tar", "w") as engine:
            engine.add(influxd.folder / "engine", "engine")
    return Original(tables, measurements, folder / "engine.tar", house)


def sees_the_old_consumption(machine: Machine, house: list[Sent]) -> None:
    with visitor(machine) as client:
        token = re.search(r'name="csrf"\s+value="([^"]+)"', client.get("/ingresar").text)
        form = {"usuario": "ana", "clave": PASSWORDS["ana"], "csrf": token[1] if token else ""}
        assert client.post("/ingresar", data=form).status_code == httpx.codes.SEE_OTHER
        expected = day_wh(house)
        assert shown_wh(client, HOUSE, expected) == pytest.approx(expected, abs=1)


def leaves_no_copy(machine: Machine) -> bool:
    return machine.run("find /var/tmp /tmp -name 'enertrack-*' -o -name '*.lp.gz'").strip() == ""


def test_copies_on_the_controller_come_over(deployed: Machine, original: Original) -> None:
    given: dict[str, Any] = {"tablas": str(original.tables), "mediciones": str(original.measurements)}
    tried = deployed.playbook("migrate", ensayo="si", **given)
    assert (tried.changed, tried.failed) == (0, 0), tried.output
    assert "Usuarios: 3 vendrían" in tried.output
    done = deployed.playbook("migrate", **given)
    assert (done.changed, done.failed) == (1, 0), done.output
    assert f"Mediciones de {HOUSE}: {len(original.house)} lecturas" in done.output
    sees_the_old_consumption(deployed, original.house)
    again = deployed.playbook("migrate", **given)
    assert (again.changed, again.failed) == (0, 0), again.output
    assert leaves_no_copy(deployed)
    assert deployed.playbook("verify").failed == 0


@only("trixie")
def test_they_are_fetched_from_where_the_original_runs(deployed: Machine, original: Original) -> None:
    """The machine plays both parts: its Docker is a stand-in, the programs inside and their data are real."""
    deployed.run("mkdir /srv/original && mariadb -e 'CREATE DATABASE original'")
    deployed.push(original.tables, "/srv/original/original.sql")
    deployed.push(original.engine, "/srv/original/engine.tar")
    deployed.run("tar -xf /srv/original/engine.tar -C /srv/original && mariadb original < /srv/original/original.sql")
    stand_in = deployed.folder / "docker"
    stand_in.write_text(DOCKER)
    deployed.push(stand_in, "/usr/local/bin/docker")
    deployed.run("chmod +x /usr/local/bin/docker")
    way = host(deployed)
    options = f"-i {way['ansible_ssh_private_key_file']} {way['ansible_ssh_common_args']}"
    origin: dict[str, Any] = {"origen_host": f"root@{deployed.address}", "origen_opciones": options}
    deployed.run("mariadb -e 'CREATE DATABASE otra' && mariadb otra < /srv/original/original.sql")
    unsure = deployed.playbook("migrate", **origin)
    assert unsure.failed == 1
    assert re.search("hay: (original otra|otra original)", unsure.output)
    deployed.run("mariadb -e 'DROP DATABASE otra'")
    done = deployed.playbook("migrate", plain=True, **origin)
    assert (done.changed, done.failed) == (1, 0), done.output
    sees_the_old_consumption(deployed, original.house)
    assert leaves_no_copy(deployed)


@only("bookworm")
def test_what_cannot_be_read_is_told(deployed: Machine, tmp_path: Path) -> None:
    wrong = tmp_path / "otra.sql"
    wrong.write_text("SELECT 1;")
    done = deployed.playbook("migrate", tablas=str(wrong))
    assert done.failed == 1
    assert "la copia no tiene la tabla Usuarios" in done.output
    assert leaves_no_copy(deployed)
