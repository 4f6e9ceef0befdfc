"""Meters that come, and boards that are changed, while ingest runs."""

import time
from datetime import UTC, datetime

import msgspec

from enertrack.domain.boards import board_of
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import fold, summarize
from enertrack.stores.broker.byhand import ByHand
from enertrack.stores.broker.client import Link
from enertrack.stores.broker.rights import Meter
from enertrack.stores.broker.topics import ack, medicion, topic
from enertrack.stores.meters import Author, Wanted, change_board, enrol
from tests.ingest.conftest import ZONE, Bench
from tests.support.processes import eventually

OLD, NEW = Meter("A0B7650000C1"), Meter("A0B7650000C2")
OLD_V1, NEW_V1 = Meter("0000C0C1", 1), Meter("0000C0C2", 1)
NOW = int(time.time()) - 600


def author() -> Author:
    return Author(datetime.now(UTC))


def wanted(meter: Meter) -> Wanted:
    return Wanted(meter=meter, nombre="Casa", zona_horaria=ZONE)


async def send(link: Link, meter: Meter, ring: int, *readings: tuple[int, int]) -> None:
    """One message of a ring: the seconds after NOW, and the register in Wh."""
    items = [{"t": NOW + at, "anillo": ring, "seq": n, "dt": 60, "e": wh} for n, (at, wh) in enumerate(readings)]
    await link.publish(medicion(meter.esp_id), msgspec.json.encode(items))


async def delivered(bench: Bench, link: Link, meter: Meter, node_id: int, n: int, *readings: tuple[int, int]) -> None:
    """Send as a meter does, again until ``n`` readings of its node are stored."""

    async def stored() -> bool:
        await send(link, meter, 7, *readings)
        return len(await bench.readings(node_id)) >= n

    await eventually(stored, f"{n} readings stored")


async def test_a_meter_that_is_added_while_ingest_runs_is_taken_and_confirmed(bench: Bench) -> None:
    async with bench.running(), bench.meter() as link:
        await link.subscribe(ack(NEW.esp_id))
        done = await enrol(bench.engine, ByHand(), wanted(NEW), author())
        await delivered(bench, link, NEW, done.node_id, 1, (0, 5))
        [reading] = await bench.readings(done.node_id)
        assert (reading.energia_wh, reading.seq) == (5, 0)
        assert msgspec.json.decode((await link.take_all(30))[0].payload)["de"] == 0


async def test_another_board_goes_on_with_the_nodes_history_and_invents_no_energy(bench: Bench) -> None:
    async with bench.running(), bench.meter() as link:
        done = await enrol(bench.engine, ByHand(), wanted(OLD), author())
        await delivered(bench, link, OLD, done.node_id, 2, (0, 4_000), (60, 4_010))
        await change_board(bench.engine, ByHand(), OLD.esp_id, NEW, author())
        await link.subscribe(ack(NEW.esp_id))
        await delivered(bench, link, NEW, done.node_id, 4, (120, 4_100), (180, 4_107))
        assert [board_of(r.seq) for r in await bench.readings(done.node_id)] == [0, 0, 1, 1]
        told = msgspec.json.decode((await link.take_all(30))[0].payload)
        assert (told["de"], told["a"]) == (0, 1)

        async def counted() -> bool:
            found = await bench.store.windows(Resolution.QUARTER, [done.node_id], NOW - 3600, NOW + 3600)
            whole = fold([w.summary for w in found[done.node_id]], 26_500)
            return (whole.count, whole.energy_wh) == (4, 17)

        await eventually(counted, "the summaries know both boards")

        async def refused() -> bool:
            await send(link, OLD, 7, (240, 4_050))
            return bench.count("enertrack_rechazos_total", motivo="medidor_desconocido") > before

        before = bench.count("enertrack_rechazos_total", motivo="medidor_desconocido")
        await eventually(refused, "the board before is a stranger")


async def test_another_board_of_the_original_counts_from_its_own_register(bench: Bench) -> None:
    async with bench.running(), bench.meter() as link:
        done = await enrol(bench.engine, ByHand(), wanted(OLD_V1), author())

        async def heard(meter: Meter, board: int, register: bytes) -> None:
            async def stored() -> bool:
                await link.publish(topic(meter.esp_id, "energy_raw"), register, 0)
                return board in {board_of(r.seq) for r in await bench.readings(done.node_id)}

            await eventually(stored, f"a round of {meter.esp_id} is stored as of board {board}")

        await heard(OLD_V1, 0, b"4.0")
        await change_board(bench.engine, ByHand(), OLD_V1.esp_id, NEW_V1, author())
        await heard(NEW_V1, 1, b"4.2")
        found = await bench.readings(done.node_id)
        assert {board_of(r.seq) for r in found} == {0, 1}
        assert summarize(found, 26_500).energy_wh == 0
