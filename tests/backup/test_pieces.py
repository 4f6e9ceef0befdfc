"""What can be told without servers."""

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from enertrack.backup.accounts import merged
from enertrack.backup.failure import Failed
from enertrack.backup.manifest import Month, Table, other_months, other_tables, told
from enertrack.backup.programs import private_folder
from enertrack.backup.relational import options
from enertrack.backup.repository import Repository
from enertrack.domain.text import text as _
from enertrack.settings import load
from tests.support.settings import INFLUX_AND_BROKER

STORES = INFLUX_AND_BROKER | {"MYSQL_USER": "u", "MYSQL_DB": "d", "MYSQL_PASSWORD": "p"}
REMOTE = STORES | {"ENERTRACK_RESPALDO_CLAVE": "c"}
ONE, OTHER = Table(1, "a"), Table(1, "b")


def mistakes(copied: dict[str, Table], found: dict[str, Table]) -> list[str]:
    return [str(mistake) for mistake in other_tables(copied, found)]


def test_tables_that_differ_are_named() -> None:
    assert not mistakes({"T": ONE}, {"T": ONE})
    assert mistakes({"T": ONE}, {"T": OTHER}) == ["las filas de la tabla T no son las mismas"]
    assert mistakes({"T": ONE}, {"T": Table(2, "a")}) == ["la tabla T tiene 2 filas y no 1"]
    assert mistakes({"T": ONE}, {}) == ["la tabla T está solo en la copia"]
    assert mistakes({}, {"T": ONE}) == ["la tabla T está solo en lo recuperado"]


@pytest.mark.parametrize(
    ("before", "after", "found", "same"),
    [
        (Month(2, 5, 5), Month(2, 5, 5), Month(2, 5, 5.0000000001), True),
        (Month(2, 5, 5), Month(2, 5, 5), Month(2, 5, 5.1), False),
        (Month(2, 5, 5), Month(2, 5, 5), Month(1, 5, 5), False),
        (Month(2, 5, 5), Month(4, 9, 9), Month(3, 7, 7), True),
        (Month(2, 5, 5), Month(4, 9, 9), Month(5, 7, 7), False),
        (None, Month(1, 1, 1), None, True),
        (Month(1, 1, 1), Month(1, 1, 1), None, False),
        (None, None, Month(1, 1, 1), False),
    ],
)
def test_months_lie_between_what_was_counted_before_and_after(
    before: Month | None, after: Month | None, found: Month | None, *, same: bool
) -> None:
    sides = [{"1/2026-02": month} if month else {} for month in (before, after, found)]
    assert bool(list(other_months(sides[0], sides[1], sides[2]))) is not same


def test_of_many_mistakes_the_first_are_told() -> None:
    assert str(told([_(str(n)) for n in range(7)])) == "0; 1; 2; 3; 4 y 2 más"


def test_an_installation_keeps_its_own_accounts_and_gets_those_of_the_meters() -> None:
    admin = {"username": "enertrack-admin", "roles": [{"rolename": "admin"}]}
    meter = {"username": "A", "roles": [{"rolename": "A"}]}
    old = {"clients": [admin | {"p": 1}, meter], "roles": [{"rolename": "admin", "v": 1}, {"rolename": "A"}], "x": {}}
    new = {"clients": [admin | {"p": 2}, {"username": "B"}], "roles": [{"rolename": "admin", "v": 2}]}
    assert merged(old, new) == {
        "clients": [admin | {"p": 2}, meter],
        "roles": [{"rolename": "admin", "v": 2}, {"rolename": "A"}],
        "x": {},
    }
    assert merged(old, {}) == old


def test_mariadbs_programs_read_the_password_from_a_private_file() -> None:
    env = INFLUX_AND_BROKER | {"MYSQL_USER": "u", "MYSQL_DB": "d", "MYSQL_PASSWORD": 'a"b\\c#d'}
    text = options(load(env))
    assert 'password="a\\"b\\\\c#d"\n' in text
    assert 'protocol="tcp"' in text
    by_socket = options(load(env | {"ENERTRACK_MYSQL_SOCKET": "/run/s"}))
    assert 'socket="/run/s"\n' in by_socket
    assert "host" not in by_socket


def test_what_a_remote_repository_needs_reaches_restic_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "restic"
    tool.write_text('#!/bin/sh\necho "$AWS_ACCESS_KEY_ID+$AWS_SECRET_ACCESS_KEY+$INFLUX_TOKEN" >&2; exit 1\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("INFLUX_TOKEN", "t")
    env = REMOTE | {"ENERTRACK_RESPALDO_REPOSITORIO": "s3:https://s3.example.org/casa"}
    env |= {"ENERTRACK_RESPALDO_ENTORNO": "AWS_ACCESS_KEY_ID=uno\n# nota\nAWS_SECRET_ACCESS_KEY='dos=3'\n"}
    with private_folder() as private, pytest.raises(Failed, match=r"uno\+dos=3\+"):
        Repository(load(env), private).check()


class NoRepository(BaseHTTPRequestHandler):
    """A server of repositories for one account that has none, and what it was asked to do."""

    asked: ClassVar[list[str]] = []

    def answer(self) -> None:
        self.asked.append(self.command)
        account = base64.b64encode(b"ana:una/clave@").decode()
        self.send_response(404 if self.headers["Authorization"] == f"Basic {account}" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def no_repository() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), NoRepository) as server:
        Thread(target=server.serve_forever).start()
        yield f"rest:http://127.0.0.1:{server.server_port}/casa"
        server.shutdown()


@pytest.mark.parametrize(
    ("password", "told"),
    [("una/clave@", "no hay ningún repositorio"), ("otra", "no acepta la cuenta: revise ENERTRACK")],
)
def test_a_servers_account_is_no_part_of_the_address(no_repository: str, password: str, told: str) -> None:
    env = REMOTE | {"ENERTRACK_RESPALDO_REPOSITORIO": no_repository}
    env |= {"ENERTRACK_RESPALDO_ENTORNO": f"RESTIC_REST_USERNAME=ana\nRESTIC_REST_PASSWORD={password}\n"}
    with private_folder() as private, pytest.raises(Failed, match=told):
        Repository(load(env), private).check()


def test_no_repository_is_made_where_the_account_is_refused(no_repository: str) -> None:
    env = REMOTE | {"ENERTRACK_RESPALDO_REPOSITORIO": no_repository}
    with private_folder() as private, pytest.raises(Failed, match="no acepta la cuenta"):
        Repository(load(env), private).prepare()
    assert NoRepository.asked
    assert "POST" not in NoRepository.asked


def test_without_a_repository_it_says_what_to_define(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="falta ENERTRACK_RESPALDO_REPOSITORIO"):
        Repository(load(STORES), tmp_path)


def test_a_program_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    env = REMOTE | {"ENERTRACK_RESPALDO_REPOSITORIO": "/r"}
    with private_folder() as private, pytest.raises(Failed, match="apt install restic"):
        Repository(load(env), private).find("latest")
