"""Where the public name leads."""

import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from enertrack.doctor import names
from enertrack.domain.examination import State
from tests.doctor.conftest import MakePlace
from tests.doctor.test_served import serving
from tests.support.authority import Authority
from tests.support.processes import free_port
from tests.support.settings import INFLUX_AND_BROKER, MARIADB_AND_BROKER

SERVERS = INFLUX_AND_BROKER | MARIADB_AND_BROKER
ELSEWHERE = "192.0.2.1", 9


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(ELSEWHERE)  # sends nothing: chooses the way
        return str(s.getsockname()[0])


@pytest.mark.parametrize("name", ["localhost", own_address()])
async def test_a_name_that_leads_here_is_well(place: MakePlace, name: str) -> None:
    [found] = await names.check(place(DOMINIO=name, **SERVERS))
    assert found.estado is State.WELL
    assert ("/etc/hosts" in found.hallado) == (name == "localhost")


@pytest.mark.parametrize(
    ("answer", "mend"), [(socket.EAI_NONAME, "proveedor de DNS"), (socket.EAI_AGAIN, "/etc/resolv.conf")]
)
async def test_a_name_that_leads_nowhere_is_a_failure(
    place: MakePlace, monkeypatch: pytest.MonkeyPatch, answer: int, mend: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(answer, "")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    [found] = await names.check(place(DOMINIO="no-existe.invalid", **SERVERS))
    assert (found.estado, "no-existe.invalid" in found.hallado) == (State.FAILURE, True)
    assert mend in found.arreglo


@pytest.mark.parametrize(
    ("there", "state"), [("same", State.WELL), ("another", State.FAILURE), ("nobody", State.WARNING)]
)
async def test_behind_a_router_it_leads_here_where_the_same_certificate_is_served(
    place: MakePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, state: State
) -> None:
    address, port = own_address(), free_port()
    monkeypatch.setattr(names, "_local", lambda _: False)
    authority = Authority(tmp_path / "authority")
    here = authority.issue("DNS:aca.example.test")
    served = here if there == "same" else authority.issue("DNS:alla.example.test")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(here, port=port))
        if there != "nobody":
            await stack.enter_async_context(serving(served, address, port))
        [found] = await names.check(place(DOMINIO=address, PUERTO=str(port), **SERVERS))
    assert (found.estado, address in found.hallado) == (state, True)
    assert (state is State.WELL) == (not found.arreglo)


async def test_where_nothing_is_served_the_name_is_another_hosts_matter(place: MakePlace) -> None:
    [found] = await names.check(place(units=("enertrack.target",), DOMINIO="no-existe.invalid", **SERVERS))
    assert found.estado is State.NOT_HERE
