"""Ports that answer, and ports that nobody outside should reach."""

import asyncio

from enertrack.doctor import ports
from enertrack.doctor.finding import State
from tests.doctor.conftest import MakePlace
from tests.support.processes import free_port
from tests.support.settings import INFLUX_AND_BROKER, MARIADB_AND_BROKER

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
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
