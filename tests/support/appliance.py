"""EnerTrack's own processes on real servers, as an operator runs them."""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import httpx

from enertrack import settings
from enertrack.stores import nodes, users
from enertrack.stores.database import create_engine
from enertrack.stores.tables import Role
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Process, free_port, listening, running, wait_until

ENERTRACK = Path(sys.executable).with_name("enertrack")
USER, PASSWORD = "ana", "una clave larga"
SECRET = "clave-de-prueba-que-no-es-secreta"
FERNET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Appliance:
    """The environment of one installation and the commands that it runs; ``folder`` keeps logs and data."""

    def __init__(self, folder: Path, servers: Mapping[str, str], **variables: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "FLASK_SECRET_KEY": SECRET,
            "FERNET_KEY": FERNET,
            "ENERTRACK_DATOS": str(folder / "datos"),
            "ENERTRACK_METRICAS": "",
            **servers,
            **variables,
        }

    def with_settings(self, **variables: str) -> Self:
        """The same installation seen by a process with other settings."""
        return type(self)(self.folder, self.env, **variables)

    def run(self, *command: str, stdin: str = "", timeout_s: float = 300) -> str:
        """Run an ``enertrack`` command to its end; its output, or AssertionError with it when it fails."""
        done = subprocess.run(
            [ENERTRACK, *command],
            input=stdin,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, f"enertrack {' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def prepare(self, zones: Mapping[str, str]) -> None:
        """Tables, a user, and that user's nodes: ``zones`` is esp_id -> zone."""
        self.run("db", "upgrade")
        self.run("user", "add", USER, "--password-stdin", stdin=PASSWORD + "\n")
        with ThreadPoolExecutor(1) as elsewhere:  # the caller may be in an event loop
            elsewhere.submit(asyncio.run, _add_nodes(settings.load(self.env), zones)).result()

    @contextlib.contextmanager
    def ingest(
        self, name: str = "ingesta", program: Sequence[str | Path] = (ENERTRACK,), **variables: str
    ) -> Iterator["Ingest"]:
        """A running ``enertrack ingest`` that is ready; ``program`` may stand in for ``enertrack``."""
        port = free_port()
        env = {**self.env, "ENERTRACK_METRICAS": f"127.0.0.1:{port}", "ENERTRACK_INGESTA_ID": name, **variables}
        with running([*program, "ingest"], self.folder / f"{name}.log", env) as process:
            ingest = Ingest(process, port)
            ingest.wait_ready()
            yield ingest

    @contextlib.contextmanager
    def web(self) -> Iterator["Web"]:
        """A running ``enertrack web``, as behind a proxy with https."""
        port = free_port()
        env = {**self.env, "PORT": str(port), "ENERTRACK_PROXY": "1"}
        with running([ENERTRACK, "web"], self.folder / "web.log", env) as process:
            wait_until(lambda: listening(port), "enertrack web", process)
            yield Web(process, port)

    @contextlib.contextmanager
    def demo(self, *options: str) -> Iterator["Web"]:
        """A running ``enertrack demo`` whose history is written, without a proxy."""
        port = free_port()
        with running(
            [ENERTRACK, "demo", *options], self.folder / "demo.log", {**self.env, "PORT": str(port)}
        ) as process:
            wait_until(lambda: "contraseña: " in process.output(), "enertrack demo", process)
            yield Web(process, port, https=False)


async def _add_nodes(loaded: settings.Settings, wanted: Mapping[str, str]) -> None:
    engine = create_engine(loaded)
    try:
        user = await users.user_by_name(engine, USER)
        assert user
        for esp_id, zone in wanted.items():
            protocol = 1 if len(esp_id) == 8 else 2
            node_id = await nodes.add_node(engine, esp_id=esp_id, nombre=esp_id, zona_horaria=zone, protocolo=protocol)
            await nodes.link_user(engine, user_id=user.id, node_id=node_id, rol=Role.PROPIETARIO)
    finally:
        await engine.dispose()


class Ingest:
    """A running ingest and its metrics."""

    def __init__(self, process: Process, metrics_port: int) -> None:
        self.process = process
        self.port = metrics_port

    def wait_ready(self) -> None:
        """Wait until it takes readings."""
        wait_until(self.ready, "enertrack ingest", self.process)

    def ready(self) -> bool:
        """Whether it says that it takes readings."""
        return self._get("/readyz") is not None

    def metrics(self) -> dict[str, float]:
        """Its metrics, by name with labels as Prometheus writes them."""
        lines = (self._get("/metrics") or "").splitlines()
        return {name: float(value) for name, _, value in (x.rpartition(" ") for x in lines if x and x[0] != "#")}

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return None


class Web:
    """A running web server and its address."""

    def __init__(self, process: Process, port: int, *, https: bool = True) -> None:
        self.process = process
        self.https = https
        self.url = f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def signed_in(self, user: str = USER, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A browser, signed in; behind the proxy cookies travel as they would by https."""
        transport = _BehindProxy() if self.https else None
        with httpx.Client(base_url=self.url, transport=transport, timeout=30) as client:
            form = client.get("/ingresar").text
            token = re.search(r'name="csrf"\s+value="([^"]+)"', form)
            data = {"usuario": user, "clave": password, "csrf": token[1] if token else ""}
            entered = client.post("/ingresar", data=data)
            assert entered.status_code == httpx.codes.SEE_OTHER, entered.text
            yield client


class _BehindProxy(httpx.HTTPTransport):
    """What nginx does: https outside, http with the forwarded headers inside; Secure cookies come back."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies: dict[str, str] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        request.headers.update({"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": host})
        request.headers.update({"Origin": f"https://{host}", "Sec-Fetch-Site": "same-origin"})
        request.headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = super().handle_request(request)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name.strip()] = value
        return answer


def notify_socket(folder: Path) -> socket.socket:
    """A socket that stands where systemd's would: set NOTIFY_SOCKET to its path."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(str(folder / "notify"))
    return s


def on_servers(folder: Path, database: Database, influxd: Influxd, mosquitto: Mosquitto, **variables: str) -> Appliance:
    """An installation on these real servers, with a bucket of its own."""
    servers = {
        **database.environment,
        "INFLUX_URL": influxd.url,
        "INFLUX_TOKEN": influxd.token,
        "INFLUX_ORG": influxd.org,
        "INFLUX_BUCKET": influxd.new_bucket(),
        "ENERTRACK_MQTT_HOST": "127.0.0.1",
        "ENERTRACK_MQTT_PUERTO": str(mosquitto.port),
    }
    return Appliance(folder, servers, **variables)
