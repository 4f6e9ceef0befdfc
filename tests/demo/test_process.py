"""The demo as a person starts it: one command, a browser's requests, a second start."""

import os
import re
import socket
import sqlite3
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.processes import Process, free_port, running, wait_until

PROGRAM = Path(sys.executable).parent / "enertrack"
TABLE = """\
local_time,active_power_w,reactive_power_var,voltage_v,current_a
2007-02-01T00:00:00,326,128,243.150,1.400
2007-02-01T00:01:00,274,130,243.320,1.400
2007-02-01T00:05:00,600,130,243.320,1.400
"""


def environment(folder: Path, port: int) -> dict[str, str]:
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"ENERTRACK_DATOS": str(folder), "PORT": str(port), "ENERTRACK_EDAD_MAXIMA_DIAS": "0", "COLUMNS": "200"}
    return plain | own


def started(folder: Path, port: int, log: str, *options: str) -> Process:
    command: list[str | Path] = [PROGRAM, "demo", "--days", "3", *options]
    process = Process(command, folder / log, environment(folder, port))
    wait_until(lambda: "contraseña: " in process.output(), "the demo serves", process)
    return process


def signed_in(client: httpx.Client, password: str = "demo") -> httpx.Response:
    page = client.get("/ingresar").text
    found = re.search(r'name="csrf"\s+value="([^"]+)"', page)
    assert found, page
    return client.post("/ingresar", data={"usuario": "demo", "clave": password, "csrf": found[1], "siguiente": "/"})


def readings(folder: Path) -> list[tuple[int, int, float]]:
    """Node, time and register of all that is stored."""
    with sqlite3.connect(folder / "mediciones.db") as db:
        found = db.execute("SELECT nodo, t, energia_wh FROM medicion ORDER BY nodo, t").fetchall()
    db.close()
    return found


def succeed(folder: Path, env: dict[str, str], *command: str) -> str:
    with running([PROGRAM, *command], folder / f"{command[0]}.log", env) as process:
        assert process.child.wait(60) == 0, process.output()
        return process.output()


def test_it_shows_its_meters_and_keeps_its_data(tmp_path: Path) -> None:
    port = free_port()
    first = started(tmp_path, port, "first.log")
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Accept": "text/html"}) as browser:
            assert signed_in(browser).status_code == 303
            page = browser.get("/").text
            assert all(name in page for name in ("Casa", "Taller", "Comercio", "Modo demo: datos ficticios"))
            assert browser.get("/consumo").status_code == 200
        invented = readings(tmp_path)
        assert {node for node, _, _ in invented} >= {1, 2, 3, 4}
        wait_until(lambda: len(readings(tmp_path)) >= len(invented) + 3, "the meters' live readings", first)
    finally:
        assert first.stop() == 0
    kept = readings(tmp_path)
    second = started(tmp_path, port, "second.log")
    try:
        assert set(kept) <= set(readings(tmp_path))
        wait_until(lambda: len(readings(tmp_path)) >= len(kept) + 3, "live readings again", second)
    finally:
        assert second.stop() == 0
    for node in (1, 2, 3, 4):
        registers = [wh for n, _, wh in readings(tmp_path) if n == node]
        assert registers == sorted(registers)
    assert "Traceback" not in first.output() + second.output()


def test_who_has_signed_in_stays_so_when_it_starts_again(tmp_path: Path) -> None:
    port = free_port()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Accept": "text/html"}) as browser:
        for log in ("first.log", "second.log"):
            demo = started(tmp_path, port, log)
            try:
                if log == "first.log":
                    assert signed_in(browser).status_code == 303
                assert browser.get("/").status_code == 200
            finally:
                assert demo.stop() == 0
    files = list(tmp_path.glob("*.db*"))
    assert {"enertrack.db", "mediciones.db"} <= {f.name for f in files}
    assert [f.name for f in files if f.stat().st_mode & 0o077] == []


def test_a_table_is_replayed_into_it(tmp_path: Path) -> None:
    (tmp_path / "casa.csv").write_text(TABLE)
    env = environment(tmp_path, free_port())
    mqtt = free_port()
    demo = started(tmp_path, int(env["PORT"]), "demo.log", "--mqtt-port", str(mqtt))
    try:
        node = ["node", "add", "A0B76512F3C8", "--name", "Hogar", "--zone", "Europe/Paris", "--user", "demo"]
        table = ["replay", str(tmp_path / "casa.csv"), "--node", "A0B76512F3C8", "--zone", "Europe/Paris"]
        succeed(tmp_path, env, *node)
        assert "5 lecturas guardadas." in succeed(tmp_path, env, *table, "--broker", f"127.0.0.1:{mqtt}")
        stored = readings(tmp_path)
        found = [(t, wh) for node, t, wh in stored if node == max(n for n, _, _ in stored)]
        start = found[0][0]
        assert [(t - start, wh) for t, wh in found] == [(0, 0.0), (60, 5.433), (120, 10.0), (300, 10.0), (360, 20.0)]
    finally:
        assert demo.stop() == 0


@pytest.mark.parametrize("name", ["PORT", "--mqtt-port"])
def test_a_port_that_is_taken_is_told_with_its_mend(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(tmp_path, port if name == "PORT" else free_port())
        options = [] if name == "PORT" else [name, str(port)]
        with running([PROGRAM, "demo", *options], tmp_path / "log", env) as process:
            assert process.child.wait(60) == 2
    assert f"{name}={port}: no se puede escuchar en 127.0.0.1:{port}" in process.output()
    assert "Traceback" not in process.output()


@pytest.mark.parametrize("host", ["0.0.0.0"])
def test_open_to_others_its_password_is_random(tmp_path: Path, host: str) -> None:
    port = free_port()
    demo = started(tmp_path, port, "log", "--host", host)
    try:
        found = re.search(r"contraseña: (\S+)", demo.output())
        assert found
        assert found[1] != "demo"
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
            assert signed_in(browser).status_code != 303
            assert signed_in(browser, found[1]).status_code == 303
    finally:
        assert demo.stop() == 0
