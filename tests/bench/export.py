"""A year of 15-minute rows of ten meters as ``/consumo/exportar`` gives it, against only reading the same windows."""

import asyncio
import time
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import psutil

from enertrack import settings
from enertrack.domain.calendar import Period, edges
from enertrack.domain.energy import Register
from enertrack.domain.reading import MAGNITUDES, Reading
from enertrack.domain.resolution import QUARTER_S, Resolution
from enertrack.domain.summary import Stat, Summary, Window
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import Measurements, NodeReading, NodeWindow
from enertrack.web.export.grain import Grain
from enertrack.web.export.rows import SLICE, Part, Wanted, rows
from enertrack.web.export.sheet import Sheet
from enertrack.web.export.text import Text
from tests.bench.result import Budget, Result, Turns, load
from tests.bench.servers import ZONE, Servers
from tests.bench.year import NODE

METERS: Final = 10
KINDS: Final = {"csv": ("CSV", Text), "xlsx": ("XLSX", Sheet)}
MIB: Final = 2**20
YEAR: Final = edges(Period.YEAR, date(2025, 1, 1), ZoneInfo(ZONE), 1)


async def measure(servers: Servers, _: Path) -> list[Result]:
    """Each kind of file once, with what the process grows by meanwhile."""
    busy = load()
    nodes = [msgspec.structs.replace(NODE, id=1000 + n, esp_id=f"A0B7650000{n:02X}") for n in range(METERS)]
    wanted = Wanted(parts=[Part(n, *YEAR) for n in nodes], grain=Grain.QUARTER, magnitudes=[])
    found = []
    async with open_measurements(settings.load(servers.appliance.env)) as store:
        for node in nodes:
            await _fill(store, node.id)
        plain_s = await _read(store, [n.id for n in nodes])
        for kind, (name, make) in KINDS.items():
            spent_s, grown_mib, whole_mib = await _file(store, wanted, make())
            what = f"Exportar la energía de un año de 10 medidores por 15 min, {name}"
            spent, grown = Turns("s", [spent_s], [plain_s], busy), Turns("MiB", [grown_mib], [whole_mib], busy)
            found += [
                spent.result(f"export_{kind}", f"{what} / solo leerlo", Budget("at most", 10, "s")),
                grown.result(f"export_{kind}_memory", f"{what}: memoria / archivo", Budget("at most", 64, "MiB")),
            ]
    return found


async def _fill(store: Measurements, node_id: int) -> None:
    start, stop = YEAR
    windows = [NodeWindow(node_id, _window(t, (t - start) // QUARTER_S)) for t in range(start, stop, QUARTER_S)]
    for i in range(0, len(windows), 5000):
        await store.write_windows(Resolution.QUARTER, windows[i : i + 5000])
    await store.write([NodeReading(node_id, Reading(t=t, dt=60)) for t in (start + 60, stop)])


def _window(start: int, n: int) -> Window:
    first = Register(start + 60, 60, n * 50.0, n * 15)
    last = Register(start + QUARTER_S, 60, n * 50.0 + 47, n * 15 + 14)
    stats = {name: Stat((200 + n % 97) * 900.0, 900, 199.1, 250.2) for name in MAGNITUDES}
    summary = Summary(
        count=15,
        covered_s=QUARTER_S,
        first_t=first.t,
        first_dt=60,
        last_t=last.t,
        first=first,
        last=last,
        energy_wh=47.0,
        magnitudes=stats,
    )
    return Window(start, start + QUARTER_S, summary)


async def _read(store: Measurements, ids: list[int]) -> float:
    began, step = time.perf_counter(), SLICE * QUARTER_S
    for node_id in ids:
        for start in range(YEAR[0], YEAR[1], step):
            await store.windows(Resolution.QUARTER, [node_id], start, min(start + step, YEAR[1]))
    return time.perf_counter() - began


async def _file(store: Measurements, wanted: Wanted, making: Text | Sheet) -> tuple[float, float, float]:
    """Seconds, by how many MiB the process grew at most, and the MiB of the file."""
    process, began = psutil.Process(), time.perf_counter()
    before = most = process.memory_info().rss
    size, count = len(making.begin(wanted.columns)), 0
    async for some in rows(store, wanted, YEAR[1]):
        size += len(await asyncio.to_thread(making.add, some))
        count += len(some.seconds)
        most = max(most, process.memory_info().rss)
    size += len(making.end())
    assert count == METERS * (YEAR[1] - YEAR[0]) // QUARTER_S
    return time.perf_counter() - began, (most - before) / MIB, size / MIB
