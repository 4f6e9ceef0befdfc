from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from enertrack.demo.history import DAY_S, fill, first_second, invent, newest
from enertrack.demo.places import Place, Site
from enertrack.domain.calendar import day_of
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import fold
from enertrack.ingest.reconcile import differing, spans
from enertrack.stores.measurements.protocol import Measurements
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.nodes import Node

NOW = 1_795_378_837
SITE = Site(Place.HOUSE, ZoneInfo("America/Argentina/Buenos_Aires"), 1)
HOUSE = Node(
    id=1,
    esp_id="DE40A0000001",
    nombre="Casa",
    descripcion=None,
    zona_horaria=SITE.zone.key,
    activo=True,
    protocolo=2,
    potencia_max_w=26_500.0,
    ultima_lectura=None,
    en_linea=None,
    firmware=None,
    intervalo_s=60,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Sqlite]:
    found = Sqlite(tmp_path / "mediciones.db")
    yield found
    await found.close()


async def fill_until(store: Measurements, now: int, pieces: int | None = None) -> None:
    last = await newest(store, HOUSE.id)
    async for _ in fill(store, HOUSE, invent(SITE, last, first_second(SITE, NOW, 40), now)):
        if pieces is not None and (pieces := pieces - 1) == 0:
            return


async def whole(store: Measurements) -> float:
    days = await store.windows(Resolution.DAY, [HOUSE.id], 0, NOW + DAY_S)
    return fold((w.summary for w in days[HOUSE.id]), HOUSE.potencia_max_w).energy_wh


def test_it_opens_with_a_day_and_is_finer_in_the_last_week() -> None:
    found = list(invent(SITE, None, first_second(SITE, NOW, 40), NOW))
    assert (found[0].dt, found[0].energia_wh) == (0, 0.0)
    assert found[0].t == day_of(found[0].t, SITE.zone)[0] + 1
    assert [b.t - a.t for a, b in pairwise(found)] == [b.dt for b in found[1:]]
    assert {r.dt for r in found if r.t > NOW - 6 * DAY_S} == {60}
    assert {r.dt for r in found[2:] if r.t < NOW - 8 * DAY_S} == {900}
    assert [r.seq for r in found] == list(range(len(found)))
    assert NOW - 60 <= found[-1].t < NOW


def test_history_is_what_the_meter_would_have_sent_live() -> None:
    found = list(invent(SITE, None, NOW - 7200, NOW))
    for before, reading in pairwise(found):
        assert before.energia_wh is not None
        live = SITE.reading(reading.t, reading.dt, before.energia_wh)
        assert (live.potencia, live.energia_wh, live.tension) == (reading.potencia, reading.energia_wh, reading.tension)


async def test_the_summaries_follow_from_the_readings(store: Sqlite) -> None:
    await fill_until(store, NOW)
    last = await newest(store, HOUSE.id)
    assert last is not None
    assert await whole(store) == pytest.approx(last.energia_wh)
    for start, stop in await spans(store, HOUSE, 0, NOW):
        assert await differing(store, HOUSE, start, stop) == set()


@pytest.mark.parametrize("pieces", [None, 1])
async def test_a_second_start_goes_on_where_the_first_ended_or_was_cut_short(store: Sqlite, pieces: int | None) -> None:
    await fill_until(store, NOW - 3 * DAY_S - 1234, pieces)
    before = await newest(store, HOUSE.id)
    await fill_until(store, NOW)
    assert before is not None
    found = (await store.readings([HOUSE.id], before.t - 1, NOW))[HOUSE.id]
    assert found[0] == before
    assert [b.seq for b in found] == [before.seq + i for i in range(len(found)) if before.seq is not None]
    assert all((a.energia_wh or 0) <= (b.energia_wh or 0) for a, b in pairwise(found))
    assert [b.t - a.t for a, b in pairwise(found)] == [b.dt for b in found[1:]]
    assert await whole(store) == pytest.approx(found[-1].energia_wh)
    for start, stop in await spans(store, HOUSE, 0, NOW):
        assert await differing(store, HOUSE, start, stop) == set()
