"""The panel of ten meters with a year of readings, against a route of Quart that does nothing; ten browsers at once."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import hypercorn.asyncio
from quart import Quart

from enertrack import settings
from enertrack.demo.history import fill, first_second, invent
from enertrack.demo.places import Place, Site
from enertrack.domain.reading import Reading
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.nodes import Delivery, all_nodes, record_deliveries
from enertrack.web.process import Listening
from tests.bench.result import Budget, Result, Turns, load
from tests.bench.servers import ZONE, Servers
from tests.support.appliance import Appliance
from tests.support.flood import fleet
from tests.support.processes import free_port, listening, running, wait_until

METERS: Final = 10
DAYS: Final = 366
CLIENTS: Final = 10
REQUESTS: Final = 60
"""Of each client in a turn."""
TURNS: Final = 5
BUDGET_MS: Final = 60


async def measure(servers: Servers, folder: Path) -> list[Result]:
    """The 95th percentile of each side, in turns."""
    await asyncio.to_thread(servers.appliance.prepare, dict.fromkeys(fleet(METERS), ZONE))
    await _fill(servers.appliance)
    with servers.appliance.web() as web, web.signed_in() as client, _bare(folder) as bare:
        page = client.get("/")
        assert page.text.count("data-meter=") == METERS
        headers = {k: page.request.headers[k] for k in ("Cookie", "X-Forwarded-Proto", "X-Forwarded-For", "Accept")}
        ours, busy = int(web.url.rsplit(":", 1)[1]), load()
        spent: dict[str, list[float]] = {"ours": [], "bare": []}
        await servers.at_rest(web.process)
        for _turn in range(TURNS):
            spent["bare"].append(await _p95_ms(bare, headers))
            spent["ours"].append(await _p95_ms(ours, headers))
    title = "Panel de diez medidores, p95 con diez clientes / una ruta vacía de Quart"
    return [Turns("ms", spent["ours"], spent["bare"], busy).result("panel", title, Budget("at most", BUDGET_MS, "ms"))]


async def _fill(appliance: Appliance) -> None:
    """A year of an invented house, the same for each meter."""
    loaded, now = settings.load(appliance.env), int(time.time())
    site = Site(Place.HOUSE, ZoneInfo(ZONE), 1)
    readings: list[Reading] = list(invent(site, None, first_second(site, now, DAYS), now))
    engine = create_engine(loaded)
    try:
        async with open_measurements(loaded) as store:
            nodes = await all_nodes(engine)
            for node in nodes:
                async for _ in fill(store, node, iter(readings)):
                    pass
        newest, moment = datetime.fromtimestamp(readings[-1].t, UTC), datetime.fromtimestamp(now, UTC)
        await record_deliveries(engine, [Delivery(n.id, newest, moment) for n in nodes])
    finally:
        await engine.dispose()


async def _p95_ms(port: int, headers: dict[str, str]) -> float:
    """Of all answers to ``CLIENTS`` that ask again as soon as they are answered."""
    spent = sorted(chain(*await asyncio.gather(*(_client(port, headers) for _ in range(CLIENTS)))))
    return 1000 * spent[int(0.95 * len(spent))]


async def _client(port: int, headers: dict[str, str]) -> list[float]:
    """Seconds that each of its requests took; a client of few lines, so that the servers have the machine."""
    lines = ["GET / HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    request = "\r\n".join((*lines, "", "")).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    spent = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length"))
        await reader.readexactly(length)
        spent.append(time.perf_counter() - began)
    writer.close()
    return spent


@contextlib.contextmanager
def _bare(folder: Path) -> Iterator[int]:
    """The port of a process that serves the bare route."""
    port = free_port()
    with running([sys.executable, "-m", "tests.bench.panel", str(port)], folder / "bare.log") as process:
        wait_until(lambda: listening(port), "the bare route", process)
        yield port


def _app() -> Quart:
    app = Quart(__name__)

    @app.get("/")
    async def nothing() -> str:
        return "nada"

    return app


if __name__ == "__main__":
    asyncio.run(hypercorn.asyncio.serve(_app(), Listening(f"127.0.0.1:{sys.argv[1]}")))
