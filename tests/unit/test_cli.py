"""The commands as an operator meets them."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from enertrack.cli import app, main

COMMANDS = ["ingest", "web", "demo", "simulate", "replay", "reconcile", "user add", "doctor"]
COMMANDS += ["user list", "user reset", "user activate", "user deactivate", "user admin"]
COMMANDS += ["db upgrade", "db downgrade", "db version", "db grant"]
COMMANDS += ["node add", "node renew", "node revoke", "node list", "broker setup", "restore"]


class Done(NamedTuple):
    returncode: object
    stdout: str
    stderr: str


def enertrack(folder: Path, *arguments: str, told: str = "", **env: str) -> Done:
    """Run the command in this process, as its entry point does, with this environment only."""
    out, err, root = io.StringIO(), io.StringIO(), logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in {"ENERTRACK_DATOS": str(folder), **env}.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["enertrack", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(told))
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            logging.captureWarnings(capture=False)
            root.handlers = handlers
            root.setLevel(level)
    return Done(ended.value.code or 0, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("command", ["", "db", "user", "node", "broker", *COMMANDS])
def test_help_is_in_spanish_and_shows_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Uso:")
    assert not [word for word in ("Usage", "Options", "Show this", "default:", "required") if word in shown.output]
    assert command not in COMMANDS or f"enertrack {command}" in shown.output.partition("Ejemplo:")[2]


@pytest.mark.parametrize("command", [c for c in COMMANDS if " " not in c])
def test_the_first_page_of_help_names_each_command(command: str) -> None:
    assert f"\n  {command} " in CliRunner().invoke(app, ["--help"]).output


@pytest.mark.parametrize("command", ["ingest", "web", "demo", "node list"])
def test_a_wrong_configuration_is_told_without_a_traceback(command: str, tmp_path: Path) -> None:
    done = enertrack(tmp_path, *command.split(), MYSQL_USER="app", TZ="Marte/Olimpo")
    assert done.returncode == 2
    assert "INFLUX_TOKEN: falta" in done.stderr
    assert "TZ: no es una zona horaria" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_one_line_with_its_mend(tmp_path: Path) -> None:
    away = {"MYSQL_USER": "a", "MYSQL_DB": "d", "ENERTRACK_MYSQL_SOCKET": str(tmp_path / "no.sock"), "DOMINIO": "x"}
    influx = {"INFLUX_URL": "http://127.0.0.1:1", "INFLUX_TOKEN": "t", "INFLUX_ORG": "o", "INFLUX_BUCKET": "b"}
    done = enertrack(tmp_path, "node", "list", **away, **influx)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "revise que esté en marcha" in done.stderr


def test_tables_users_and_nodes(tmp_path: Path) -> None:
    early = enertrack(tmp_path, "node", "list")
    assert early.returncode == 1
    assert "enertrack db upgrade" in early.stderr
    assert "Traceback" not in early.stderr
    assert enertrack(tmp_path, "db", "version").stdout == "\n"
    assert enertrack(tmp_path, "db", "upgrade").stdout == "Las tablas están al día.\n"
    assert enertrack(tmp_path, "db", "upgrade").stdout.startswith("Sin cambios")
    revision = enertrack(tmp_path, "db", "version").stdout.strip()
    assert enertrack(tmp_path, "db", "version", "--newest").stdout.strip() == revision
    assert enertrack(tmp_path, "db", "downgrade", revision).stdout == "Sin cambios.\n"
    assert "no conoce la revisión 'otra'" in enertrack(tmp_path, "db", "downgrade", "otra").stderr
    assert "no hay cuentas" in enertrack(tmp_path, "db", "grant").stderr
    user = ("user", "add", "ana", "--admin", "--password-stdin")
    assert "Use entre 8 y 128 caracteres" in enertrack(tmp_path, *user, told="corta\n").stderr
    assert "nombre de usuario" in enertrack(tmp_path, *user, told="la clave de ana\n").stderr
    assert enertrack(tmp_path, *user, told="una contraseña larga\n").returncode == 0
    assert "ya existe" in enertrack(tmp_path, *user, told="una contraseña larga\n").stderr
    node = ("node", "add", "A0B76512F3C8", "--name", "Casa", "--zone", "Europe/Madrid")
    assert "no existe 'eva'" in enertrack(tmp_path, *node, "--user", "eva").stderr
    assert enertrack(tmp_path, *node, "--user", "ana").returncode == 0
    assert "ya está dado de alta" in enertrack(tmp_path, *node).stderr
    listed = enertrack(tmp_path, "node", "list").stdout
    assert listed.split() == ["1", "A0B76512F3C8", "sin", "datos", "Europe/Madrid", "Casa", "(sin", "datos)"]


def test_people_are_let_in_and_shut_out(tmp_path: Path) -> None:
    assert enertrack(tmp_path, "db", "upgrade").returncode == 0
    for name in ("eva", "leo"):
        password = ("--password-stdin", *(["--admin"] if name == "eva" else []))
        assert enertrack(tmp_path, "user", "add", name, *password, told="una contraseña larga\n").returncode == 0
    listed = enertrack(tmp_path, "user", "list").stdout
    assert listed.split() == ["1", "eva", "-", "administra", "2", "leo", "-"]
    assert "única persona que administra" in enertrack(tmp_path, "user", "deactivate", "eva").stderr
    assert "única persona que administra" in enertrack(tmp_path, "user", "admin", "eva", "--revoke").stderr
    assert "no existe 'otra'" in enertrack(tmp_path, "user", "reset", "otra").stderr
    link = enertrack(tmp_path, "user", "reset", "leo", "--second-factor").stdout
    assert re.fullmatch(r"http://127\.0\.0\.1:8006/restablecer/[\w-]{43}\n", link)
    assert enertrack(tmp_path, "user", "admin", "leo").returncode == 0
    assert enertrack(tmp_path, "user", "deactivate", "eva").returncode == 0
    assert "user activate eva" in enertrack(tmp_path, "user", "reset", "eva").stderr
    assert [u["activo"] for u in json.loads(enertrack(tmp_path, "user", "list", "--json").stdout)] == [False, True]
    assert enertrack(tmp_path, "user", "activate", "eva").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["a0b76512f3c8", "--name", "x"], "no es un medidor"),
        (["A0B76512F3C8", "--name", "x", "--protocol", "1"], "placas originales"),
        (["A0B76512F3C8", "--name", "x", "--zone", "Marte"], "zona horaria"),
    ],
)
def test_a_node_that_cannot_be_is_refused(arguments: list[str], why: str, tmp_path: Path) -> None:
    done = enertrack(tmp_path, "node", "add", *arguments)
    assert (done.returncode, why in done.stderr, "Traceback" in done.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("room", "foreign"),
    [
        ("enertrack.ingest.process", ("quart", "hypercorn", "amqtt", "alembic", "rich")),
        ("enertrack.web.process", ("amqtt", "alembic", "rich")),
        ("enertrack.cli", ("quart", "sqlalchemy", "influxdb_client", "aiomqtt", "amqtt", "rich")),
    ],
)
def test_a_process_pays_for_its_own_libraries_only(room: str, foreign: tuple[str, ...]) -> None:
    code = f"import sys, enertrack.cli, {room}; print(*[m for m in {foreign!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()
