"""MariaDB's tables as one text, by its own programs: a consistent dump with one row a line, and the way back."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from enertrack.backup.failure import Failed
from enertrack.backup.manifest import Table
from enertrack.backup.programs import disk, started
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.settings import Settings

DUMP: Final = (
    *("--single-transaction", "--quick", "--skip-lock-tables", "--skip-add-locks", "--skip-disable-keys"),
    # One row a line, by its key: a table's checksum is that of its lines, here and wherever it comes back.
    *("--skip-extended-insert", "--order-by-primary", "--hex-blob", "--skip-comments", "--no-tablespaces"),
    *("--no-autocommit", "--default-character-set=utf8mb4"),
)
ROW: Final = b"INSERT INTO `"
MADE: Final = b"CREATE TABLE `"
CHARSET: Final = "CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci"


class Tables:
    """The configured database, and others of the same server."""

    def __init__(self, settings: Settings, private: Path) -> None:
        """``private`` is where the programs find how to enter."""
        self.database = settings.mysql_db or ""
        self._options = private / "mariadb.cnf"
        self._options.touch(mode=0o600)
        self._options.write_text(options(settings), encoding="utf-8")

    def dump(self, target: Path, database: str | None = None) -> dict[str, Table]:
        """Write a database as it is at one moment; what each table holds. Raises Failed."""
        found: dict[str, tuple[int, hashlib._Hash]] = {}
        command = ["mariadb-dump", f"--defaults-file={self._options}", *DUMP, database or self.database]
        with disk(), target.open("wb") as file, started(command) as (output, errors):
            for line in output:
                file.write(line)
                if line.startswith(ROW):
                    name = _name(line, ROW)
                    count, digest = found[name]
                    digest.update(line)
                    found[name] = count + 1, digest
                elif line.startswith(MADE):
                    found[_name(line, MADE)] = 0, hashlib.sha256()
            _end(_("la copia de MariaDB no se pudo hacer"), errors.at_end())
        if not found:
            raise Failed(_("la base %(name)s no tiene tablas: ejecute enertrack db upgrade", name=self.database))
        return {name: Table(count, digest.hexdigest()) for name, (count, digest) in found.items()}

    def load(self, source: Path, database: str | None = None) -> None:
        """Put what ``dump`` wrote in the place of all tables of a database. Raises Failed."""
        target = database or self.database
        for name in self.names(target):
            self.ask(f"SET FOREIGN_KEY_CHECKS = 0; DROP TABLE `{name}`", target)
        with source.open("rb") as file:
            self._run(target, stdin=file)

    def names(self, database: str | None = None) -> list[str]:
        """The tables of a database. Raises Failed."""
        told = self.ask("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'", database or self.database)
        return [line.split("\t")[0] for line in told.splitlines()]

    def count(self, name: str) -> int:
        """How many rows a table has. Raises Failed."""
        return int(self.ask(f"SELECT COUNT(*) FROM `{name}`", self.database))  # noqa: S608 - one of our tables

    @contextmanager
    def scratch(self) -> Iterator[str]:
        """The name of an empty database that exists meanwhile. Raises Failed."""
        name = f"{self.database}_ensayo"
        self.ask(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` {CHARSET}")
        try:
            yield name
        finally:
            self.ask(f"DROP DATABASE IF EXISTS `{name}`")

    def ask(self, statement: str, database: str = "") -> str:
        """What the server answers, columns set apart by tabs. Raises Failed."""
        return self._run(database, "--execute", statement).decode().strip()

    def _run(self, database: str, *more: str, stdin: IO[bytes] | None = None) -> bytes:
        command = ["mariadb", f"--defaults-file={self._options}", "--batch", "--skip-column-names", *more]
        with started([*command, *([database] if database else [])], stdin=stdin) as (output, errors):
            answer = output.read()
            _end(_("MariaDB no hizo lo pedido"), errors.at_end())
        return answer


def _name(line: bytes, after: bytes) -> str:
    return line[len(after) :].split(b"`", 1)[0].decode()


def _end(what: Text, complaint: str | None) -> None:
    if complaint is not None:
        last = complaint.splitlines()[-1]
        raise Failed(_("%(what)s: revise que esté en marcha y la cuenta MYSQL_USER (%(error)s)", what=what, error=last))


def options(settings: Settings) -> str:
    """How to enter, as MariaDB's programs read it."""
    given: dict[str, object] = {"user": settings.mysql_user, "default-character-set": "utf8mb4"}
    if settings.mysql_password:
        given["password"] = settings.mysql_password.get_secret_value()
    if settings.enertrack_mysql_socket:
        given |= {"socket": settings.enertrack_mysql_socket, "protocol": "socket"}
    else:
        given |= {"host": settings.mysql_host, "port": settings.enertrack_mysql_puerto, "protocol": "tcp"}
        if settings.enertrack_mysql_ca:
            given |= {"ssl-ca": settings.enertrack_mysql_ca, "ssl-verify-server-cert": 1}
        else:
            given["ssl-verify-server-cert"] = 0
    lines = [f"{name}={_quoted(str(value))}" for name, value in given.items()]
    return os.linesep.join(["[client]", *lines, ""])


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
