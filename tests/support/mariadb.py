"""A real MariaDB for the tests: Debian's mariadbd in a temporary folder on a free port of 127.0.0.1."""

import itertools
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pymysql
import pytest

from tests.support.processes import Process, free_port, wait_until

COLLATION = "utf8mb4_uca1400_ai_ci"
USER, PASSWORD = "enertrack", "contraseña de 'pruebas' & @más"
SMALL = (
    "--innodb-buffer-pool-size=24M",
    "--innodb-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--aria-log-file-size=8M",
    "--aria-pagecache-buffer-size=1M",
    "--key-buffer-size=1M",
    "--performance-schema=OFF",
    "--innodb-stats-persistent=OFF",
)
NOT_DURABLE = ("--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--sync-frm=0")
_names = itertools.count(1)


class MariaDB:
    """A server of its own; ``kill``, ``stop`` and ``start`` keep port, folder and data. A context manager.

    ``durable`` keeps what was committed through a kill -9 of the machine too; without it only of the process.
    """

    def __init__(self, *, durable: bool = False, options: tuple[str, ...] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
        self.port = free_port()
        self.socket = self.folder / "s"
        self.log = self.folder / "log"
        # A folder of its own for temporary tables: a server that starts removes those that it finds.
        own = [f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}"]
        common = ["--no-defaults", *own, "--user=root", *SMALL, *(() if durable else NOT_DURABLE), *options]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        where = [f"--port={self.port}", f"--socket={self.socket}", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        self.process = Process([_mariadbd(), *common, *where], self.log)
        self._await()
        self.query(f"CREATE USER {USER}@'%%' IDENTIFIED BY %s", PASSWORD)
        self.query(f"GRANT ALL ON *.* TO {USER}@'%'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        shutil.rmtree(self.folder)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    def stop(self) -> None:
        """Shut it down in order."""
        self.process.stop()

    def start(self) -> None:
        """Start it again on the same port and folder; returns once it answers."""
        self.process.start()
        self._await()

    def create(self, name: str) -> None:
        """An empty database, in place of what had that name."""
        self.query(f"DROP DATABASE IF EXISTS `{name}`")
        self.query(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE {COLLATION}")

    def drop(self, name: str) -> None:
        """Away with a database."""
        self.query(f"DROP DATABASE IF EXISTS `{name}`")

    def url(self, database: str) -> str:
        """Address of a database for SQLAlchemy."""
        return Database(self, database).url

    def _await(self) -> None:
        wait_until(self._answers, "mariadbd answers", self.process)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.socket)) == 0

    def query(self, statement: str, *values: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Rows of a statement run as root, beside EnerTrack; ``%s`` stands for a value."""
        address = {"unix_socket": str(self.socket), "user": "root", "charset": "utf8mb4", "autocommit": True}
        connect: Any = pymysql.connect
        connection = connect(**address, database=database)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())


@dataclass(frozen=True)
class Database:
    """A database of a server, as SQLAlchemy and as EnerTrack's environment name it."""

    server: MariaDB
    name: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point EnerTrack to it."""
        return {
            "MYSQL_USER": USER,
            "MYSQL_PASSWORD": PASSWORD,
            "MYSQL_DB": self.name,
            "MYSQL_HOST": "127.0.0.1",
            "ENERTRACK_MYSQL_PUERTO": str(self.server.port),
        }

    @property
    def url(self) -> str:
        """Its address for SQLAlchemy, by TCP."""
        account = f"{USER}:{quote(PASSWORD, safe='')}"
        return f"mysql+aiomysql://{account}@127.0.0.1:{self.server.port}/{self.name}?charset=utf8mb4"

    def query(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of a statement run as root in it, beside EnerTrack."""
        return self.server.query(statement, *values, database=self.name)


def _mariadbd() -> str:
    found = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert found, "mariadbd is missing: apt-get install mariadb-server"
    return found


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    """One server for the whole run."""
    with MariaDB() as server:
        yield server


@pytest.fixture
def mariadb_database(mariadb_server: MariaDB) -> Iterator[Database]:
    """A fresh empty database."""
    name = f"prueba_{next(_names)}"
    mariadb_server.create(name)
    yield Database(mariadb_server, name)
    mariadb_server.drop(name)
