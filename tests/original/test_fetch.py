"""What ``playbooks/migrate.yml`` runs where the original is: real servers, a stand-in for Docker around them."""

import os
import subprocess
from pathlib import Path

import pytest

from enertrack.original import dump
from enertrack.original.files import reading
from enertrack.original.points import Point, Seen, points
from tests.original.source import HASHES, HOUSE, Tables, sent, write
from tests.support.influxd import Influxd, find
from tests.support.mariadb import Database

SCRIPTS = Path(__file__).parents[2] / "playbooks/files"
DOCKER = """#!/bin/sh
[ "$1 $2" = 'exec -i' ] || exit 1
echo "$3" >> "$ASKED"
shift 3
exec "$@"
"""


@pytest.fixture
def containers(tmp_path: Path, mariadb_database: Database) -> dict[str, str]:
    """An environment in which ``docker exec -i NAME`` leads to the servers of the tests."""
    server = mariadb_database.server
    programs = {"docker": DOCKER, "influxd": f'#!/bin/sh\nexec {find()} "$@"\n'}
    for name in ("mariadb", "mariadb-dump"):
        programs[name] = f'#!/bin/sh\nexec /usr/bin/{name} --no-defaults --socket={server.socket} "$@"\n'
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked")}


def run(script: str, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    with (SCRIPTS / script).open() as text:  # as ssh hands it to a shell over there
        return subprocess.run(["sh", "-s", "--", *arguments], stdin=text, env=env, capture_output=True, check=False)


def test_the_tables_are_copied(containers: dict[str, str], mariadb_database: Database, tmp_path: Path) -> None:
    Tables(mariadb_database.server, mariadb_database.name)
    done = run("original-tables", containers, "mi-mariadb", mariadb_database.name)
    assert done.returncode == 0, done.stderr
    (tmp_path / "copia.sql").write_bytes(done.stdout)
    found = dump.read(tmp_path / "copia.sql")
    assert [row["nombreusuario"] for row in found.tables["Usuarios"]] == list(HASHES)
    assert found.ignored == {}
    assert Path(containers["ASKED"]).read_text() == "mi-mariadb\n"


def test_the_database_is_found_where_it_is_the_only_one(containers: dict[str, str], mariadb_database: Database) -> None:
    server = mariadb_database.server
    none = run("original-tables", containers)
    assert none.returncode != 0
    assert "ninguna" in none.stderr.decode()
    Tables(server, mariadb_database.name)
    assert run("original-tables", containers).returncode == 0
    server.create("segunda")
    try:
        Tables(server, "segunda")
        several = run("original-tables", containers)
    finally:
        server.drop("segunda")
    assert several.returncode != 0
    assert "segunda" in several.stderr.decode()


def test_the_measurements_of_all_buckets_are_exported(containers: dict[str, str], tmp_path: Path) -> None:
    house = sent(1_700_000_000, 0.0)[:50]
    (tmp_path / "datos").mkdir()
    with Influxd(tmp_path / "datos") as influxd:
        for half in (house[:20], house[20:]):
            lines = [line for s in half for line in s.lines(HOUSE)]
            write(influxd, influxd.new_bucket(), [*lines, "otra,esp_id=1265B7A0 valor=1 1700000000000000000"])
        env = containers | {"INFLUXD_ENGINE_PATH": str(influxd.folder / "engine")}
        done = run("original-measurements", env)
    assert done.returncode == 0, done.stderr
    exported = subprocess.run(["gzip", "-dc"], input=done.stdout, capture_output=True, check=True).stdout
    assert len(exported.splitlines()) == 50 * 7
    assert read_back(tmp_path, done.stdout) == 50 * 7


def read_back(folder: Path, packed: bytes) -> int:
    """Several packed exports one after the other are one to whoever reads them."""
    (folder / "m.lp.gz").write_bytes(packed)
    with reading(folder / "m.lp.gz") as (file, _):
        found: list[Point] = list(points(file, [HOUSE], 2**62, Seen(), lambda: None))
    return len(found)
