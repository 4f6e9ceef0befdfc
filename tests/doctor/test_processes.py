"""What EnerTrack's own processes answer, on a real socket and a real port."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from enertrack.doctor import processes
from enertrack.doctor.finding import Place
from enertrack.domain.examination import State
from tests.doctor.conftest import NOW, MakePlace
from tests.support.processes import free_port


@asynccontextmanager
async def answering(place: Place, status: int, body: str) -> AsyncIterator[None]:
    path = place.run / "enertrack/web.sock"
    path.parent.mkdir()

    async with await asyncio.start_unix_server(lambda r, w: answer(r, w, status, body), path):
        yield


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int, body: str) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    writer.close()


@pytest.mark.parametrize(
    ("status", "body", "state", "told"),
    [
        (200, '{"tablas":true,"mediciones":true,"broker":true}', State.WELL, "responde"),
        (503, '{"tablas":true,"mediciones":false,"broker":true}', State.FAILURE, "mediciones no responde"),
        (502, "<html>", State.FAILURE, "no está listo"),
    ],
)
async def test_pages_tell_what_is_away(place: MakePlace, status: int, body: str, state: State, told: str) -> None:
    here = place()
    async with answering(here, status, body):
        [found] = await processes.pages(here)
    assert found.estado is state
    assert told in found.hallado


async def test_pages_that_do_not_answer_are_told(place: MakePlace) -> None:
    [found] = await processes.pages(place())
    assert found.estado is State.FAILURE
    assert "systemctl restart enertrack-web" in found.arreglo


async def test_an_ingest_that_does_not_answer_is_told(place: MakePlace) -> None:
    [found] = await processes.ingest(place(ENERTRACK_METRICAS=f"127.0.0.1:{free_port()}"))
    assert found.estado is State.FAILURE
    assert "journalctl -u enertrack-ingest" in found.arreglo


async def test_what_is_not_on_this_host_is_not_asked(place: MakePlace) -> None:
    here = place(units=())
    assert [f.estado for f in [*await processes.pages(here), *await processes.ingest(here)]] == [State.NOT_HERE] * 2


@pytest.mark.parametrize(("age_s", "state"), [(60, State.WARNING), (3 * 86_400, State.WELL), (None, State.WELL)])
async def test_what_ingest_could_not_read_is_told_for_a_day(place: MakePlace, age_s: int | None, state: State) -> None:
    body = "enertrack_rechazados_archivados_total 7.0\n"
    async with await asyncio.start_server(lambda r, w: answer(r, w, 200, body), "127.0.0.1", 0) as server:
        here = place(ENERTRACK_METRICAS=f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        if age_s is not None:
            file = here.state / "enertrack-ingest/rechazados.jsonl"
            file.parent.mkdir()
            file.write_text("{}\n")
            os.utime(file, (NOW.timestamp() - age_s,) * 2)
        [found] = await processes.ingest(here)
    assert (found.estado, "7 mensajes" in found.hallado) == (state, True)
    assert ("rechazados.jsonl" in found.arreglo) == (state is State.WARNING)
