"""Twelve months of a meter from the stored days, against the same from its readings."""

import time
from bisect import bisect_left
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from enertrack import settings
from enertrack.domain.calendar import Period, edges
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import QUARTER_S, Resolution, quarter_of
from enertrack.ingest.rollup import Group, recompute
from enertrack.stores.measurements import flux
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import NodeReading
from enertrack.stores.nodes import Node
from tests.bench.result import Budget, Result, Turns, load
from tests.bench.servers import ZONE, Servers

TURNS: Final = 5
MINUTE_S: Final = 60
DAY_S: Final = 86_400
NODE: Final = Node(
    id=1,
    esp_id="A0B765000000",
    nombre="Casa",
    descripcion=None,
    zona_horaria=ZONE,
    activo=True,
    protocolo=2,
    potencia_max_w=26_500.0,
    ultima_lectura=None,
    en_linea=None,
    firmware=None,
    intervalo_s=MINUTE_S,
)


async def measure(servers: Servers, _: Path) -> list[Result]:
    """The year within a longer history: against reading it as the original does, and against one query that adds up."""
    marks = edges(Period.MONTH, date(2025, 1, 1), ZoneInfo(ZONE))
    busy = load()
    async with open_measurements(settings.load(servers.appliance.env)) as store:
        assert isinstance(store, Influx)
        await _fill(store, marks[0] - 2 * DAY_S, marks[-1] + 2 * DAY_S)
        ways = {
            "ours": partial(_from_days, store, marks),
            "points": partial(_from_points, store, marks),
            "flux": partial(_from_flux, store, marks),
        }
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _turn in range(TURNS):
            told = []
            for name, way in ways.items():
                began = time.perf_counter()
                told.append(await way())
                spent[name].append(1000 * (time.perf_counter() - began))
            _same(*told)
    return [
        Turns("ms", spent["ours"], spent[way], busy).result(name, title, budget)
        for way, name, title, budget in (
            ("points", "year_view", "Un año por meses / sumar sus 525.600 lecturas", Budget("at most", 0.02)),
            ("flux", "year_view_flux", "Un año por meses / que InfluxDB sume las lecturas", None),
        )
    ]


async def _fill(store: Influx, start: int, stop: int) -> None:
    """A reading each minute, with its summaries."""
    energy_wh = 0.0
    for day in range(start, stop, DAY_S):
        readings = []
        for t in range(day + MINUTE_S, min(day + DAY_S, stop) + 1, MINUTE_S):
            watts = 200.0 + t // MINUTE_S % 1440
            energy_wh = round(energy_wh + watts / 60, 1)
            readings.append(_reading(t, watts, energy_wh))
        await store.write([NodeReading(NODE.id, r) for r in readings])
        last = quarter_of(readings[-1].t) + QUARTER_S
        await recompute(store, {NODE.id: NODE}, Group(quarter_of(readings[0].t), last, [NODE.id]))


def _reading(t: int, watts: float, energy_wh: float) -> Reading:
    return Reading(
        t=t,
        dt=MINUTE_S,
        seq=t // MINUTE_S,
        energia_wh=energy_wh,
        potencia=watts,
        potencia_max=watts + 50,
        tension=229.5,
        corriente=1.6,
        fp=0.98,
        frecuencia=50.0,
    )


async def _from_days(store: Influx, marks: list[int]) -> list[float]:
    [bins] = await consumption(store, [Question(NODE, marks, Resolution.DAY)], marks[-1])
    return [bin_.energy_wh for bin_ in bins]


async def _from_points(store: Influx, marks: list[int]) -> list[float]:
    """All points of the register, added up here: as the original does, but with one field and a leaner reader."""
    query = f'{_register(store, marks)} |> keep(columns: ["_time", "_value"])'
    energies = [0.0] * (len(marks) - 1)
    before: float | None = None
    for row in await store._rows(query):
        wh = float(row["_value"])
        if before is not None:
            energies[bisect_left(marks, flux.second(row)) - 1] += wh - before
        before = wh
    return energies


async def _from_flux(store: Influx, marks: list[int]) -> list[float]:
    query = (
        f'import "timezone" option location = timezone.location(name: "{ZONE}") '
        f"{_register(store, marks)} |> difference(nonNegative: true) "
        '|> aggregateWindow(every: 1mo, offset: 1s, fn: sum, timeSrc: "_start") |> keep(columns: ["_time", "_value"])'
    )
    return [float(row["_value"]) for row in await store._rows(query) if row["_value"]]


def _register(store: Influx, marks: list[int]) -> str:
    where = f'r._measurement == "medicion" and r.nodo == "{NODE.id}" and r._field == "energia_wh"'
    return flux.source(store._bucket, marks[0] + 1, marks[-1] + 1, where)


def _same(*told: list[float]) -> None:
    """All ways say the same, but for the minute that no neighbour tells of."""
    assert {len(months) for months in told} == {12}
    for months in zip(*told, strict=True):
        assert max(months) - min(months) < 0.001 * max(months), months
