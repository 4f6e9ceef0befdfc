"""Processes, a meter and a board of the original, each with its own account on a broker that refuses all else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from enertrack.demo.fleet import fleet, meter_id
from enertrack.demo.meter import Live as Shown
from enertrack.demo.meter import Meter
from enertrack.demo.replay import replay
from enertrack.demo.ring import Ring
from enertrack.demo.simulate import simulate, totals
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.stores.broker.rights import INGEST, WEB
from enertrack.stores.broker.rights import Meter as RightsOf
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.migration import upgrade
from enertrack.web.live import Live
from tests.ingest.conftest import Bench
from tests.support.accounts import BOARDS, MINE, OLD, Town
from tests.support.processes import eventually

LEAVES = {
    "tension": "221.4",
    "corriente": "1.83",
    "fp": "0.97",
    "frecuencia": "50.01",
    "potencia_prom": "392.5",
    "consumo": "0.0131",
    "energy_raw": "153.204",
}


@pytest.fixture(params=[False, True], ids=["alone", "shared"])
async def bench(request: pytest.FixtureRequest, town: Town, tmp_path: Path) -> AsyncIterator[Bench]:
    settings = town.settings_of(INGEST, tmp_path, enertrack_ingesta_compartida=request.param)
    settings = settings.model_copy(update={"enertrack_ingesta_id": f"ingesta{time.monotonic_ns()}"})
    await upgrade(settings.database_url)
    made = Bench(settings, Sqlite(tmp_path / "mediciones.db"), create_engine(settings))
    yield made
    await made.store.close()
    await made.engine.dispose()


@contextlib.asynccontextmanager
async def doing(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def reading(t: int) -> Reading:
    return Reading(t=t, seq=1, dt=60, energia_wh=1000.0, potencia=400.0)


async def test_a_reading_is_stored_confirmed_summarized_and_shown(bench: Bench, town: Town, tmp_path: Path) -> None:
    node = await bench.node(MINE)
    live = Live(town.settings_of(WEB, tmp_path), time.time)
    meter = Meter(MINE, Ring(7), lambda: Shown(123.4, 220.5, 0.6))
    now = int(time.time())
    async with bench.running(), doing(live.listen(lambda: None)), doing(meter.run(town.settings_of(MINE, tmp_path))):
        await meter.take(reading(now))
        async with asyncio.timeout(30):
            await meter.emptied()
        assert [r.t for r in await bench.stored(node, 1)] == [now]

        async def summarized() -> bool:
            return bool((await bench.store.windows(Resolution.QUARTER, [node], now - 900, now + 900))[node])

        await eventually(summarized, "the ack is heard and its window summarized")
        with live.watch({MINE: 0}, 1) as watch:
            async with asyncio.timeout(30):
                while (event := await watch.next(30)) is None or "123.4" not in event.data:
                    pass
        assert live.online == {MINE: True}
        assert not bench.health.problems
        assert bench.count("enertrack_rechazos_total", motivo="medidor_desconocido") == 0


@pytest.mark.parametrize("account", [OLD, BOARDS])
async def test_a_board_of_the_original_is_stored(account: str, bench: Bench, town: Town) -> None:
    node = await bench.node(OLD, protocolo=1)
    async with bench.running(), town.client(account) as board:
        for leaf, text in LEAVES.items():
            await board.publish(f"enertrack/{OLD}/{leaf}", text, 0)
        (stored,) = await bench.stored(node, 1)
    assert (stored.tension, stored.energia_wh) == (221.4, 153204.0)


async def test_the_simulator_and_a_replay_deliver_by_the_meters_account(
    bench: Bench, town: Town, tmp_path: Path
) -> None:
    simulated = meter_id(1)
    town.passwords[simulated] = (await town.accounts.grant(RightsOf(simulated))).password
    node, other = await bench.node(simulated), await bench.node(MINE)
    some, now = fleet(1, bench.settings.zone), int(time.time())
    async with bench.running():
        await simulate(some, town.settings_of(simulated, tmp_path), seconds=1)
        outcome = await replay([reading(now - 60)], MINE, town.settings_of(MINE, tmp_path))
        assert (totals(some).waiting, totals(some).refused, outcome.confirmed) == (0, 0, 1)
        assert await bench.stored(node, 1)
        assert len(await bench.stored(other, 1)) == 1
