"""Ports that answer, and ports that nobody outside should reach."""

import asyncio
import ssl
from pathlib import Path

import pytest

from enertrack.doctor import finding, ports
from enertrack.domain.examination import State
from tests.doctor.conftest import MakePlace
from tests.doctor.test_processes import answer
from tests.support.authority import Authority
from tests.support.processes import free_port
from tests.support.settings import INFLUX_AND_BROKER, MARIADB_AND_BROKER

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
PAGES_ONLY = ("enertrack.target", "enertrack-web.service")
BROKER_ONLY = ("enertrack.target", "mosquitto.service")
SERVERS = INFLUX_AND_BROKER | MARIADB_AND_BROKER


def listening(*addresses: str, state: str = "0A") -> str:
    return HEAD + "".join(f"   0: {address} 00000000:0000 {state} 0 0 0 0 0 0 0 0\n" for address in addresses)


async def test_a_port_that_answers_is_well_and_one_that_does_not_is_named(place: MakePlace) -> None:
    async with await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        [found] = await ports.check(place(units=BROKER_ONLY, PUERTO_MQTTS=str(port), **SERVERS))
        assert found.estado is State.WELL
    port = free_port()
    [found] = await ports.check(place(units=BROKER_ONLY, PUERTO_MQTTS=str(port), **SERVERS))
    assert found.estado is State.FAILURE
    assert str(port) in found.hallado
    assert "mosquitto" in found.arreglo


@pytest.mark.parametrize(
    ("statuses", "told"), [((301, 200), ""), ((200, 200), "no lleva a https"), ((301, 503), "respondieron 503")]
)
async def test_what_a_visitor_gets_decides(
    place: MakePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, int], told: str
) -> None:
    plain, pages = statuses
    pair = Authority(tmp_path / "authority").issue("DNS:energia.example.test")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with (
        await asyncio.start_server(lambda r, w: answer(r, w, plain, ""), "127.0.0.1", 0) as http,
        await asyncio.start_server(lambda r, w: answer(r, w, pages, ""), "127.0.0.1", 0, ssl=context) as https,
    ):
        for module in (ports, finding):
            monkeypatch.setattr(module, "HTTP", http.sockets[0].getsockname()[1])
        puerto = str(https.sockets[0].getsockname()[1])
        here = place(units=PAGES_ONLY, DOMINIO="energia.example.test", PUERTO=puerto, **SERVERS)
        [found] = await ports.check(here)
    assert (found.estado is State.WELL) == (not told)
    assert told in found.hallado


@pytest.mark.parametrize(("url", "well"), [("http://127.0.0.1:8086", False), ("https://127.0.0.1:8086", True)])
async def test_influxdb_may_be_open_where_it_has_clients_elsewhere(place: MakePlace, url: str, *, well: bool) -> None:
    async with await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0) as server:
        env = SERVERS | {"PUERTO_MQTTS": str(server.sockets[0].getsockname()[1]), "INFLUX_URL": url}
        here = place(units=BROKER_ONLY, **env)
        (here.proc / "net").mkdir()
        (here.proc / "net/tcp").write_text(listening("00000000:1F96"))
        [found] = await ports.check(here)
    assert (found.estado is State.WELL) == well


async def test_an_inner_port_open_to_all_is_found(place: MakePlace) -> None:
    async with await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0) as server:
        here = place(units=BROKER_ONLY, PUERTO_MQTTS=str(server.sockets[0].getsockname()[1]), **SERVERS)
        (here.proc / "net").mkdir()
        # 127.0.0.1:1883, 0.0.0.0:9464 and 127.0.0.1 in IPv6's clothes: 8080; 1883 to all, but connected
        (here.proc / "net/tcp").write_text(listening("0100007F:075B", "00000000:24F8"))
        mapped = "0000000000000000FFFF00000100007F"
        (here.proc / "net/tcp6").write_text(
            listening(f"{mapped}:1F90", "00000000000000000000000001000000:1F46")
            + listening("00000000:075B", state="01").removeprefix(HEAD)
        )
        [found] = await ports.check(here)
    assert found.estado is State.FAILURE
    assert "9464" in found.hallado


async def test_the_listening_sockets_of_this_machine_can_be_read(place: MakePlace) -> None:
    here = place(units=())
    real = type(here)(here.settings, here.now)
    async with await asyncio.start_server(lambda _r, w: w.close(), "0.0.0.0", 0) as server:
        assert server.sockets[0].getsockname()[1] in ports._open_to_all(real)
