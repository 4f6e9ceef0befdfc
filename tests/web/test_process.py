"""``enertrack web`` as a process, on MariaDB, InfluxDB and Mosquitto, as behind a proxy."""

import asyncio
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from enertrack.stores import users
from enertrack.stores.database import engine_of
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import add_node, link_user
from enertrack.web.process import handed_over
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Process, free_port, running, wait_until
from tests.web.conftest import BUENOS_AIRES, OWN, PASSWORD

PROGRAM = Path(sys.executable).parent / "enertrack"
PROXY = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Host": "casa.example"}
ORIGIN = {"Origin": "https://casa.example"}


@pytest.fixture
def environment(
    mariadb_database: Database, mosquitto_server: Mosquitto, influxd_server: Influxd, influxd_bucket: str
) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        **mariadb_database.environment,
        "INFLUX_URL": influxd_server.url,
        "INFLUX_TOKEN": influxd_server.token,
        "INFLUX_ORG": influxd_server.org,
        "INFLUX_BUCKET": influxd_bucket,
        "ENERTRACK_MQTT_HOST": "127.0.0.1",
        "ENERTRACK_MQTT_PUERTO": str(mosquitto_server.port),
        "FLASK_SECRET_KEY": "no se la diga a nadie, por favor",
        "ENERTRACK_PROXY": "1",
        "PORT": str(free_port()),
    }


async def settle(url: str, password_hash: str) -> None:
    """Tables with one user and one meter."""
    await upgrade(url)
    engine = engine_of(url)
    user_id = await users.add_user(engine, nombre_usuario="ana", password_hash=password_hash)
    node_id = await add_node(engine, esp_id=OWN, nombre="Casa de ana", zona_horaria=BUENOS_AIRES)
    await link_user(engine, user_id=user_id, node_id=node_id, rol="propietario")
    await engine.dispose()


@pytest.fixture
def process(
    environment: dict[str, str], mariadb_database: Database, password_hash: str, tmp_path: Path
) -> Iterator[Process]:
    asyncio.run(settle(mariadb_database.url, password_hash))
    with running([PROGRAM, "web"], tmp_path / "web.log", environment) as started:
        wait_until(lambda: _ready(environment["PORT"]), "the pages", started)
        yield started


def _ready(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def client(process: Process, environment: dict[str, str]) -> Iterator[httpx.Client]:
    assert process.alive
    with httpx.Client(base_url=f"http://127.0.0.1:{environment['PORT']}", headers=PROXY) as client:
        yield client


def sign_in(client: httpx.Client) -> None:
    page = client.get("/ingresar")
    found = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', page.text)
    assert found
    visit = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
    form = {"usuario": "ana", "clave": PASSWORD, "csrf": found[1]}
    answer = client.post("/ingresar", data=form, headers=ORIGIN | visit)
    assert answer.status_code == 303, answer.text
    cookies = [c for c in answer.headers.get_list("Set-Cookie") if c.startswith("__Host-enertrack=")]
    assert "Secure" in cookies[0]
    client.headers["Cookie"] = cookies[0].split(";")[0]  # a browser keeps it: it came by https


def test_pages_on_real_servers(client: httpx.Client, process: Process) -> None:
    sign_in(client)
    for path in ("/", "/consumo", f"/nodos/{OWN}", f"/nodos/{OWN}/tension"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, process.output()
        assert "Casa de ana" in answer.text
    assert client.get(f"/nodos/{OWN}/tension/datos").json()["puntos"] == []
    assert "server" not in client.get("/").headers


def test_address_is_that_of_the_proxys_client(client: httpx.Client, process: Process) -> None:
    token = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', (page := client.get("/ingresar")).text)
    assert token
    visit = {"Cookie": page.headers["Set-Cookie"].split(";")[0], "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    form = {"usuario": "ana", "clave": "no es esta", "csrf": token[1]}
    assert client.post("/ingresar", data=form, headers=ORIGIN | visit).status_code == 401
    assert "direccion=203.0.113.7" in process.output()
    assert "198.51.100.9" not in process.output()


def test_stops_at_once_though_somebody_watches(client: httpx.Client, process: Process) -> None:
    sign_in(client)
    with client.stream("GET", "/vivo") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        assert process.stop() == 0
        assert "event: broker" in list(lines)


@pytest.mark.parametrize("missing", ["ENERTRACK_PROXY", "FLASK_SECRET_KEY"])
def test_refuses_what_is_not_safe(environment: dict[str, str], tmp_path: Path, missing: str) -> None:
    del environment[missing]
    with running([PROGRAM, "web"], tmp_path / "web.log", environment) as process:
        assert process.child.wait(60) == 2
        assert f"{missing}: falta" in process.output()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket as systemd holds it: it listens before the process starts and after it has ended."""
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(tmp_path / "web.sock"))
        s.listen(128)
        yield s


@pytest.fixture
def behind_socket(
    environment: dict[str, str], mariadb_database: Database, held: socket.socket, password_hash: str, tmp_path: Path
) -> Iterator[Process]:
    """A process that was handed the socket over (sd_listen_fds(3)); it starts while the test goes on."""
    asyncio.run(settle(mariadb_database.url, password_hash))
    given = held.fileno()
    shell = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" web 3<&{given}'
    with running(["bash", "-c", shell, PROGRAM], tmp_path / "web.log", environment, [given]) as started:
        yield started


@pytest.fixture
def unix_client(held: socket.socket, behind_socket: Process) -> Iterator[httpx.Client]:
    assert behind_socket.alive
    transport = httpx.HTTPTransport(uds=held.getsockname())
    with httpx.Client(transport=transport, base_url="http://casa.example", headers=PROXY, timeout=60) as client:
        yield client


def test_pages_on_the_socket_that_was_handed_over(unix_client: httpx.Client, behind_socket: Process) -> None:
    sign_in(unix_client)
    assert "Casa de ana" in unix_client.get("/", headers={"Accept": "text/html"}).text
    assert "direccion=203.0.113.7" in _refused(unix_client, behind_socket)
    assert behind_socket.stop() == 0


def _refused(client: httpx.Client, process: Process) -> str:
    with httpx.Client(transport=client._transport, base_url=client.base_url, headers=PROXY, timeout=60) as stranger:
        page = stranger.get("/ingresar")
        token = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', page.text)
        assert token
        visit = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
        form = {"usuario": "ana", "clave": "no es esta", "csrf": token[1]}
        assert stranger.post("/ingresar", data=form, headers=ORIGIN | visit).status_code == 401
    return process.output()


def test_a_restart_refuses_nobody(held: socket.socket, behind_socket: Process) -> None:
    done = threading.Event()
    answers: list[int] = []

    def visit() -> None:
        while not done.is_set():
            with httpx.Client(transport=httpx.HTTPTransport(uds=held.getsockname()), timeout=60) as client:
                answers.append(client.get("http://casa.example/healthz", headers=PROXY).status_code)

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        for _ in range(5):
            _served_again(answers, behind_socket)
            assert behind_socket.stop() == 0
            behind_socket.start()
        _served_again(answers, behind_socket)
    finally:
        done.set()
        for visitor in visitors:
            visitor.join()
    assert set(answers) == {200}


def _served_again(answers: list[int], process: Process) -> None:
    before = len(answers)
    wait_until(lambda: len(answers) > before + 40, "visitors are served", process)


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ({}, None),
        ({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, None),
        ({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"}, None),
        ({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}, "fd://3"),
    ],
)
def test_only_a_socket_meant_for_this_process_is_taken(
    told: dict[str, str], taken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LISTEN_PID", "LISTEN_FDS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert handed_over() == taken
