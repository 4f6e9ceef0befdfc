"""What the world sees of a machine: its pages in a browser, its broker by a meter, its open ports."""

import contextlib
import json
import re
import select
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pyotp

from tests.support.appliance import ENERTRACK
from tests.support.machine import Machine

USER: Final = "ana"
PASSWORD: Final = "una clave larga"
METER: Final = "02E7AF000001"
AT_ONCE: Final = 8192
SILENCE_MS: Final = 2500


class _There(httpx.HTTPTransport):
    """To the machine, whatever name is asked for; its certificate must be that name's."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=machine.root))
        self.address = machine.address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, known = request.url.copy_with(host=self.address), request.extensions | {"sni_hostname": request.url.host}
        there = httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=known)
        return super().handle_request(there)  # cookies stay the asked name's


def visitor(machine: Machine) -> httpx.Client:
    """A browser on the public name that trusts nobody but the machine's certificate authority."""
    url = f"https://{machine.variables['DOMINIO']}"
    headers = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    return httpx.Client(base_url=url, transport=_There(machine), headers=headers, timeout=30)


def add_user(machine: Machine) -> None:
    """Make the user whom ``signed_in`` is."""
    machine.run(f"enertrack user add {USER} --password-stdin", text=PASSWORD + "\n")


@contextlib.contextmanager
def signed_in(machine: Machine) -> Iterator[httpx.Client]:
    """A browser whose user has signed in; an administrator's gets the second factor that it is sent to set up."""
    with visitor(machine) as client:
        form = client.get("/ingresar").text
        token = re.search(r'name="csrf"\s+value="([^"]+)"', form)
        data = {"usuario": USER, "clave": PASSWORD, "csrf": token[1] if token else ""}
        entered = client.post("/ingresar", data=data)
        assert entered.status_code == httpx.codes.SEE_OTHER, entered.text
        if (due := client.get("/", headers={"Accept": "text/html"})).has_redirect_location:
            _set_up_factor(client, due.headers["Location"])
        yield client


def _set_up_factor(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    fields = dict(re.findall(r'name="(csrf|oferta)"[^>]*value="([^"]+)"', page))
    secret = re.search(r'account-secret">([A-Z2-7 ]+)<', page)
    code = pyotp.TOTP(secret[1].replace(" ", "") if secret else "").now()
    done = client.post(path, data={**fields, "codigo": code, "actual": PASSWORD})
    assert done.status_code == httpx.codes.OK, done.text


@dataclass(frozen=True)
class Sent:
    """What a simulated meter tells at its end."""

    confirmed: int
    waiting: int
    lost: int

    @classmethod
    def of(cls, output: str) -> "Sent":
        """From what ``enertrack simulate`` prints."""
        found = re.search(r"confirmadas=(\d+) rechazadas=\d+ en_espera=(\d+) perdidas=(\d+)", output)
        assert found, output
        return cls(*map(int, found.groups()))


class Meter:
    """A simulated meter on this computer that sends a reading each second over TLS by its own account."""

    def __init__(self, machine: Machine, esp_id: str, password: str) -> None:
        self.machine = machine
        self.esp_id = esp_id
        self.password = password

    @classmethod
    def enrolled(cls, machine: Machine) -> "Meter":
        """A new meter of the user."""
        told = machine.run(f"enertrack node add {METER} --name Casa --zone Europe/Madrid --user {USER} --json")
        return cls(machine, METER, json.loads(told)["clave"])

    def command(self, *order: str) -> list[str | Path]:
        """``enertrack`` as this meter; the public name leads to the machine for it alone."""
        name = self.machine.variables["DOMINIO"]
        hosts = self.machine.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{self.machine.address} {name}\n")
        there: list[str | Path] = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts]
        to: list[str | Path] = ["--broker", f"{name}:8883", "--tls", "--ca", self.machine.root]
        return [*there, ENERTRACK, *order, *to, "--user", self.esp_id, "--password-stdin"]

    def simulate(self, *options: str) -> list[str | Path]:
        """The command that sends a reading each second, until it is told to stop."""
        return self.command("simulate", "--nodes", "1", "--prefix", self.esp_id[:6], "--speed", "60", *options)

    def replay_now(self) -> str:
        """Send what was measured in the last three minutes; what is told at its end."""
        now = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None)
        rows = [f"{now - timedelta(minutes=n):%Y-%m-%dT%H:%M:%S},690,0,230.0,3.0" for n in (4, 3, 2, 1)]
        table = self.machine.folder / "table.csv"
        table.write_text("\n".join(["local_time,active_power_w,reactive_power_var,voltage_v,current_a", *rows, ""]))
        command = self.command("replay", str(table), "--node", self.esp_id, "--zone", "UTC")
        done = subprocess.run(command, input=self.password + "\n", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextlib.contextmanager
def sending(meter: Meter, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The meter at work; it is ended as a person ends it."""
    with log.open("wb") as out:
        child = subprocess.Popen(meter.simulate(), stdin=subprocess.PIPE, stdout=out, stderr=out)
        assert child.stdin
        child.stdin.write(meter.password.encode() + b"\n")
        child.stdin.close()
        try:
            yield child
        finally:
            child.send_signal(signal.SIGINT)
            child.wait()


def open_ports(address: str) -> set[int]:
    """All TCP ports of an address that accept a connection."""
    return {
        port
        for first in range(1, 65536, AT_ONCE)
        for port in _accepting(address, range(first, min(first + AT_ONCE, 65536)))
    }


def _accepting(address: str, ports: Iterable[int]) -> set[int]:
    """Which of them take a connection before it is silent for a while."""
    with contextlib.ExitStack() as stack:
        asked: dict[int, tuple[int, socket.socket]] = {}
        poll = select.poll()
        for port in ports:
            s = stack.enter_context(socket.socket())
            s.setblocking(False)
            s.connect_ex((address, port))
            poll.register(s, select.POLLOUT)
            asked[s.fileno()] = port, s
        answered = set()
        while heard := poll.poll(SILENCE_MS):
            for number, _ in heard:
                poll.unregister(number)
                answered.add(number)
        return {
            port
            for port, s in map(asked.__getitem__, answered)
            if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        }


STORED: Final = """
import json, sys, urllib.request
token, query = sys.stdin.read().split("\\n", 1)
headers = {"Authorization": "Token " + token, "Content-Type": "application/vnd.flux", "Accept": "application/csv"}
url = "http://127.0.0.1:8086/api/v2/query?org=enertrack"
sys.stdout.write(urllib.request.urlopen(urllib.request.Request(url, query.encode(), headers)).read().decode())
"""
SEQUENCE: Final = """
from(bucket: "enertrack") |> range(start: 0)
  |> filter(fn: (r) => r._measurement == "medicion" and r._field == "seq") |> keep(columns: ["_value"])
"""


def stored_sequence(machine: Machine) -> list[int]:
    """The numbers of all stored readings of a machine with one meter, asked of its InfluxDB itself."""
    token = (machine.secrets / "influx_admin").read_text().strip()
    rows = machine.run(f"python3 -c '{STORED}'", text=f"{token}\n{SEQUENCE}").split()
    values = [row.rsplit(",", 1)[-1] for row in rows]
    return sorted(int(float(value)) for value in values if value != "_value")
