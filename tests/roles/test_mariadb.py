"""Role mariadb: its configuration, and the statements that make what is lacking and nothing more."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kills import kill
from tests.support.machine import Machine
from tests.support.mariadb import MariaDB
from tests.support.rendering import rendered

ELSEWHERE = {
    "mariadb_remote_clients": ["10.0.0.2", "10.0.0.3"],
    "mariadb_remote_passwords": {"enertrack-web": "it's \\ one", "enertrack-admin": "another"},
}
OWN = ["enertrack-backup", "enertrack-doctor", "enertrack-ingest", "enertrack-web"]


def understood(config: Path) -> dict[str, str]:
    """What mariadbd makes of a configuration."""
    command = ["/usr/sbin/mariadbd", f"--defaults-file={config}", "--user=mysql", "--help", "--verbose"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "[ERROR]" not in done.stderr
    words = (line.split(None, 1) for line in done.stdout.splitlines())
    return {pair[0]: pair[1].strip() for pair in words if len(pair) == 2}


def test_by_itself_it_listens_on_its_socket_alone_and_is_durable_and_strict(tmp_path: Path) -> None:
    rendered("mariadb", "enertrack.cnf.j2", tmp_path, mariadb_buffer_pool_mb=96)
    options = understood(tmp_path / "enertrack.cnf")
    assert options["skip-networking"] == "TRUE"
    assert options["innodb-flush-log-at-trx-commit"] == "1"
    assert options["innodb-buffer-pool-size"] == str(96 << 20)
    assert options["collation-server"] == "utf8mb4_uca1400_ai_ci"
    assert "STRICT_ALL_TABLES" in options["sql-mode"]
    assert options["default-time-zone"] == "+00:00"
    assert options["slow-query-log"] == "TRUE"


def test_for_other_hosts_it_speaks_tls_alone(tmp_path: Path) -> None:
    rendered("mariadb", "enertrack.cnf.j2", tmp_path, **ELSEWHERE)
    options = understood(tmp_path / "enertrack.cnf")
    assert options["skip-networking"] == "FALSE"
    assert options["require-secure-transport"] == "TRUE"


@pytest.fixture(scope="module")
def fresh() -> Iterator[MariaDB]:
    with MariaDB() as server:
        yield server


def settle(server: MariaDB, folder: Path, **variables: object) -> list[str]:
    """Run what is lacking; the statements that were."""
    lacking = _client(server, rendered("mariadb", "lacking.sql.j2", folder, **variables))
    _client(server, lacking)
    return lacking.splitlines()


def _client(server: MariaDB, statements: str) -> str:
    command = ["mariadb", "--no-defaults", f"--socket={server.socket}", "--batch", "--skip-column-names", "--raw"]
    return subprocess.run(command, input=statements, capture_output=True, text=True, check=True).stdout


def accounts(server: MariaDB) -> dict[tuple[str, str], str]:
    rows = server.query("SELECT User, Host, Priv FROM mysql.global_priv WHERE User LIKE %s", "enertrack-%")
    return {(user, host): priv for user, host, priv in rows}


def test_database_and_accounts_are_made_once_and_follow_what_is_asked(fresh: MariaDB, tmp_path: Path) -> None:
    assert settle(fresh, tmp_path)
    assert settle(fresh, tmp_path) == []
    assert sorted(accounts(fresh)) == [(name, "localhost") for name in OWN]
    assert all("unix_socket" in priv for priv in accounts(fresh).values())
    query = "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'enertrack'"
    assert "uca1400_ai_ci" in fresh.query(query)[0][0]

    settle(fresh, tmp_path, **ELSEWHERE)
    assert settle(fresh, tmp_path, **ELSEWHERE) == []
    (grant, *_) = fresh.query("SHOW GRANTS FOR 'enertrack-web'@'10.0.0.2'")[0]
    assert "REQUIRE SSL" in grant
    assert grant.startswith("GRANT USAGE ON *.*")
    assert "ALL PRIVILEGES" in fresh.query("SHOW GRANTS FOR 'enertrack-admin'@'10.0.0.3'")[0][0]

    fewer = ELSEWHERE | {"mariadb_remote_clients": ["10.0.0.3"]}
    settle(fresh, tmp_path, **fewer)
    assert ("enertrack-web", "10.0.0.2") not in accounts(fresh)
    changed = fewer | {"mariadb_remote_passwords": {"enertrack-web": "new", "enertrack-admin": "another"}}
    (statement,) = settle(fresh, tmp_path, **changed)
    assert "'enertrack-web'@'10.0.0.3'" in statement
    assert "new" not in statement


@pytest.mark.vm
def test_each_account_is_the_systems_user_alone_and_nothing_is_left_open(deployed: Machine) -> None:
    for name in OWN:
        told = deployed.run(f"runuser -u {name} -- mariadb -N -e 'SELECT CURRENT_USER()'")
        assert told.strip() == f"{name}@localhost"
        assert "1698" in deployed.run(f"runuser -u nobody -- mariadb -u {name} -e 'SELECT 1'", check=False)
    assert "1698" in deployed.run("runuser -u nobody -- mariadb -u root -e 'SELECT 1'", check=False)
    for left in (
        "SELECT 1 FROM mysql.global_priv WHERE User = ''",
        "SHOW DATABASES LIKE 'test'",
        "SELECT Db FROM mysql.db WHERE Db LIKE 'test%'",
    ):
        assert deployed.run("mariadb --skip-column-names", text=left) == ""
    assert deployed.run("ss -Hltn 'sport = :3306'") == ""


@pytest.mark.vm
def test_killed_it_is_back_with_what_was_committed(deployed: Machine) -> None:
    deployed.run("mariadb enertrack -e 'CREATE TABLE prueba (n INT); INSERT INTO prueba VALUES (7)'")
    kill(deployed, "mariadb")
    assert deployed.run("mariadb -N enertrack -e 'SELECT n FROM prueba'").strip() == "7"
