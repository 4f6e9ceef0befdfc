"""Certificates on real TLS servers: good, self-signed, another name, about to expire."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from enertrack.doctor import served
from enertrack.domain.examination import State
from tests.doctor.conftest import MakePlace
from tests.support.authority import Authority, Certificate
from tests.support.processes import free_port

NAME = "energia.example.test"


@asynccontextmanager
async def serving(pair: Certificate, address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(answer, address, port, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


def self_signed(folder: Path) -> Certificate:
    pair = Certificate(folder / "own.pem", folder / "own.key")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*command, "-keyout", pair.key, "-out", pair.certificate, *names], check=True, capture_output=True)
    return pair


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


BROKER_ONLY = ("enertrack.target", "mosquitto.service")


def variables(port: int, authority: Authority) -> dict[str, str]:
    servers = {"MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "MYSQL_DB": "d"}
    servers |= {"INFLUX_URL": "http://127.0.0.1:1", "INFLUX_TOKEN": "x", "INFLUX_ORG": "o", "INFLUX_BUCKET": "b"}
    return servers | {"DOMINIO": NAME, "PUERTO_MQTTS": str(port), "ENERTRACK_MQTT_CA": str(authority.certificate)}


@pytest.mark.parametrize(
    ("days_before", "state"), [(1, State.FAILURE), (15, State.WARNING), (40, State.WELL)], ids=["1", "15", "40"]
)
async def test_the_days_left_decide(place: MakePlace, authority: Authority, days_before: int, state: State) -> None:
    async with serving(authority.issue(f"DNS:{NAME}")) as port:
        ends = datetime.now(UTC) + timedelta(days=2)
        here = place(units=BROKER_ONLY, now=ends - timedelta(days=days_before), **variables(port, authority))
        [found] = await served.check(here)
    assert found.estado is state
    assert f"puerto {port}" in found.hallado


async def test_the_placeholder_is_named(place: MakePlace, authority: Authority, tmp_path: Path) -> None:
    async with serving(self_signed(tmp_path)) as port:
        [found] = await served.check(place(units=BROKER_ONLY, **variables(port, authority)))
    assert found.estado is State.FAILURE
    assert "provisional" in found.hallado


async def test_another_servers_certificate_is_no_good(place: MakePlace, authority: Authority) -> None:
    async with serving(authority.issue("DNS:otra.example.test")) as port:
        [found] = await served.check(place(units=BROKER_ONLY, **variables(port, authority)))
    assert found.estado is State.FAILURE
    assert NAME in found.hallado


async def test_nobody_there_is_told_with_the_unit_to_look_at(place: MakePlace, authority: Authority) -> None:
    [found] = await served.check(place(units=BROKER_ONLY, **variables(free_port(), authority)))
    assert found.estado is State.FAILURE
    assert "systemctl status mosquitto" in found.arreglo


async def test_what_is_served_is_compared_whatever_it_is_worth(authority: Authority, tmp_path: Path) -> None:
    async with serving(self_signed(tmp_path)) as one, serving(authority.issue(f"DNS:{NAME}")) as other:
        first = await served.certificate("127.0.0.1", one, NAME)
        again = await served.certificate("127.0.0.1", one, NAME)
        another = await served.certificate("127.0.0.1", other, NAME)
    assert first == again != another != b""
