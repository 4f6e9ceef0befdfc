"""Stores on one host, the rest on another, a second ingest beside the stores.

Where one host cannot be upgraded neither is; one of the two ingests is retired.
"""

import shlex
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.roles.conftest import NewMachine
from tests.roles.test_upgrade import NEXT
from tests.support import releases
from tests.support.influx_api import Api
from tests.support.machine import Machine, Recap, play, write_inventory
from tests.support.outside import Meter, Sent, add_user
from tests.support.processes import Process, wait_until

pytestmark = pytest.mark.vm

NUMBERS: Final = (
    'from(bucket: "enertrack") |> range(start: 0)'
    ' |> filter(fn: (r) => r._measurement == "medicion" and r._field == "seq") |> keep(columns: ["_value"]) |> toInt()'
)


@dataclass(frozen=True)
class Installation:
    """Two machines and the controller's folder for both."""

    front: Machine
    stores: Machine
    inventory: Path

    def playbook(self, name: str | Path, *, plain: bool = False, **variables: object) -> Recap:
        return play(self.inventory, name, plain=plain, **variables)

    def seen(self) -> list[str]:
        """Which release each host has, and at which revision the tables are."""
        told = "basename $(readlink /opt/enertrack/current); enertrack db version"
        return [machine.run(told) for machine in (self.front, self.stores)]

    def stored(self) -> list[int]:
        """The numbers of all stored readings, asked of InfluxDB by its own host."""
        token = (self.inventory.parent / "secrets/influx_admin").read_text().strip()
        rows = Api(self.stores, "/etc/influxdb/tls/ca.pem").query(token, NUMBERS)
        return sorted(int(row.split(",")[3]) for row in rows if row.startswith(",_result,"))


@pytest.fixture
def two(new_machine: NewMachine, tmp_path: Path) -> Installation:
    """The stores on Debian 13, the rest on Debian 12; nothing is installed yet."""
    front, stores = new_machine("bookworm"), new_machine("trixie")
    name = front.variables["DOMINIO"]
    stores.run(f"sed -i '/ {name}$/d' /etc/hosts && echo '{front.address} {name}' >> /etc/hosts")
    stores.push(front.root, "/usr/local/share/ca-certificates/acme.crt")
    stores.run("update-ca-certificates --fresh")
    groups = {"enertrack": [front], "ingest": [front, stores]}
    groups |= {service: [stores] for service in ("mariadb", "influxdb", "phpmyadmin")}
    file = tmp_path / "two/inventory.yml"
    file.parent.mkdir()
    return Installation(front, stores, write_inventory(file, groups, **front.variables))


def answers(machine: Machine, port: int) -> bool:
    """Whether a stranger gets through to a port."""
    with socket.socket() as s:
        s.settimeout(2)
        return s.connect_ex((machine.address, port)) == 0


def test_two_hosts_hold_one_installation_and_one_of_two_ingests_is_retired_without_loss(
    two: Installation, tmp_path: Path
) -> None:
    done = two.playbook("site", plain=True)
    assert done.failed == 0, done.output[-20_000:]
    assert [port for port in (3306, 8086) if answers(two.stores, port)] == []
    assert two.front.run("ls /run/mysqld/mysqld.sock /usr/bin/influxd", check=False).count("No such file") == 2
    assert "MYSQL_HOST" in two.front.run("cat /etc/enertrack/enertrack.env")
    again = two.playbook("site")
    assert (again.changed, again.failed) == (0, 0), again.output[-20_000:]

    before = two.seen()
    two.stores.run(f"touch /opt/enertrack/releases/{NEXT}")
    half = two.playbook(releases.release(tmp_path / "next", NEXT), app_build=False)
    assert half.failed > 0
    assert f"algo falló en {two.stores.name}" in " ".join(half.output.split())
    assert two.seen() == before

    add_user(two.front)
    meter = Meter.enrolled(two.front)
    sent = sends_while_one_is_retired(two, meter)
    assert sent.confirmed > 0
    assert sent.lost == 0
    numbers = two.stored()
    assert len(numbers) >= sent.confirmed
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def sends_while_one_is_retired(two: Installation, meter: Meter) -> Sent:
    """What the meter tells after the ingest beside the stores has gone and readings went on being stored."""
    log = two.inventory.with_name("meter.log")
    password = two.inventory.with_name("password")
    password.write_text(meter.password + "\n")
    command = shlex.join(map(str, meter.simulate()))
    process = Process(["sh", "-c", f"exec {command} < {password}"], log)
    try:
        grows(two, process)
        assert "systemctl start enertrack-drain" in two.stores.run("enertrack ingest --drain", check=False)
        two.stores.run("systemctl disable enertrack-ingest && systemctl start enertrack-drain")
        grows(two, process)
    finally:
        process.stop()
    return Sent.of(process.output())


def grows(two: Installation, process: Process) -> None:
    """Wait until three more readings are stored."""
    before = len(two.stored())
    wait_until(lambda: len(two.stored()) >= before + 3, "readings are stored", process)
