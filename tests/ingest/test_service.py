"""The way of a reading: broker, store, confirmation."""

import asyncio
import json
import logging
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from enertrack.domain.resolution import QUARTER_S, Resolution, quarter_of
from enertrack.domain.summary import summarize
from enertrack.ingest import readings as loop
from enertrack.stores.broker.client import Incoming, Link
from enertrack.stores.measurements.protocol import NodeReading, Refused, Unavailable
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.nodes import all_nodes
from tests.ingest.conftest import Bench
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually

BOARD = "A0B765000001"
OLD_BOARD = "1265B7A0"
MEDICION = f"enertrack/{BOARD}/medicion"
ACK = f"enertrack/{BOARD}/ack"
NOW = int(time.time())
LEAVES = {"tension": "229.5", "corriente": "1.57", "fp": "0.98", "frecuencia": "50.01", "potencia_prom": "353.1"}


def payload(seq: int, t: int | None, **more: object) -> dict[str, object]:
    return {"t": t, "anillo": 9, "seq": seq, "dt": 60, "e": 1000 + seq, "p": 360.0, "u": 229.5, "q": 0, **more}


def encoded(*items: dict[str, object]) -> bytes:
    return msgspec.json.encode(items[0] if len(items) == 1 else items)


async def heard(meter: Link, n: int = 1) -> list[dict[str, Any]]:
    """The next ``n`` messages that the meter gets."""
    found: list[Incoming] = []
    while len(found) < n:
        got = await meter.take_all(20)
        assert got, f"{len(found)} of {n} came"
        found += got
    return [json.loads(m.payload) for m in found]


class Failing(Sqlite):
    """A store that is away while ``away`` is set, and refuses for good the readings of ``bad`` times."""

    away = asyncio.Event()
    bad: frozenset[int] = frozenset()
    asked = 0

    async def write(self, readings: Sequence[NodeReading]) -> list[Refused]:
        self.asked += 1
        if self.away.is_set():
            message = "apagado"
            raise Unavailable(message)
        bad = [Refused(i, "no me gusta") for i, r in enumerate(readings) if r.reading.t in self.bad]
        skip = {r.index for r in bad}
        await super().write([r for i, r in enumerate(readings) if i not in skip])
        return bad


@pytest.fixture
async def failing(bench: Bench) -> Failing:
    await bench.store.close()
    store = Failing(bench.settings.enertrack_datos / "mediciones.db")
    store.away = asyncio.Event()
    bench.store = store
    return store


async def test_a_reading_is_stored_and_confirmed_to_its_meter(bench: Bench) -> None:
    node = await bench.node(BOARD)
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe(ACK)
        await meter.publish(MEDICION, encoded(payload(7, NOW)))
        [ack] = await heard(meter)
        [reading] = await bench.readings(node)
    assert ack == {"anillo": 9, "de": 7, "a": 7, "rechazadas": 0, "t": [NOW, NOW]}
    assert (reading.t, reading.seq, reading.energia_wh, reading.tension) == (NOW, 7, 1007.0, 229.5)


async def test_a_delivery_dates_the_node(bench: Bench) -> None:
    node = await bench.node(BOARD)
    async with bench.running(), bench.meter() as meter:
        await meter.publish(MEDICION, encoded(payload(7, NOW)))
        await bench.stored(node, 1)
    [known] = await all_nodes(bench.engine)
    assert known.ultima_lectura is not None
    assert known.ultima_lectura.timestamp() == NOW


async def test_a_meter_says_that_it_is_there(bench: Bench) -> None:
    await bench.node(BOARD)
    state = {"en_linea": True, "fw": "1.4.0", "rssi": -61, "reinicio": "power_on", "desde": NOW}
    async with bench.meter() as meter:
        await meter.publish(f"enertrack/{BOARD}/estado", encoded(state), retain=True)
        async with bench.running():

            async def told() -> bool:
                [node] = await all_nodes(bench.engine)
                return (node.en_linea, node.firmware) == (True, state["fw"])

            await eventually(told, "the state is kept")
            await meter.publish(f"enertrack/{BOARD}/estado", b"", retain=True)
            await meter.publish(f"enertrack/{BOARD}/estado", encoded(state | {"fw": "1.5.0"}))
            state["fw"] = "1.5.0"
            await eventually(told, "a word that was taken away is none")
        assert bench.count("enertrack_rechazos_total", motivo="estado") == 0


async def test_what_cannot_be_stored_is_counted_kept_and_confirmed_as_refused(bench: Bench) -> None:
    await bench.node(BOARD)
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe(ACK)
        await meter.publish(MEDICION, encoded(payload(1, NOW), payload(2, NOW + 60, u=9e9), payload(3, None)))
        await meter.publish(MEDICION, b'\x1b[31m{"t":\xff\n')
        [ack] = await heard(meter)
        assert ack == {"anillo": 9, "de": 1, "a": 3, "rechazadas": 1, "t": [NOW, NOW]}

        async def counted() -> bool:
            return bench.count("enertrack_rechazos_total", motivo="utf8") == 1

        await eventually(counted, "the garbage is counted")
        assert bench.count("enertrack_rechazos_total", motivo="rango_tension") == 1
        assert bench.count("enertrack_lecturas_sin_hora_total") == 1
    kept = (bench.settings.enertrack_datos / "rechazados.jsonl").read_bytes()
    assert all(b" " <= bytes([c]) <= b"~" or c == ord("\n") for c in kept)
    assert [json.loads(line)["motivo"] for line in kept.splitlines()] == ["rango_tension", "utf8"]


async def test_what_the_store_refuses_is_confirmed_as_refused(bench: Bench, failing: Failing) -> None:
    node = await bench.node(BOARD)
    failing.bad = frozenset({NOW + 1})
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe(ACK)
        await meter.publish(MEDICION, encoded(*(payload(n, NOW + n) for n in range(3))))
        [ack] = await heard(meter)
        assert ack["rechazadas"] == 1
        assert [r.t for r in await bench.readings(node)] == [NOW, NOW + 2]
        assert bench.count("enertrack_rechazos_total", motivo="almacen") == 1


async def test_an_unknown_meter_is_never_confirmed(bench: Bench) -> None:
    await bench.node(BOARD)
    stranger = "A0B765FFFFFF"
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe("enertrack/+/ack")
        await meter.publish(f"enertrack/{stranger}/medicion", encoded(payload(1, NOW)))
        await meter.publish(MEDICION, encoded(payload(1, NOW)))
        assert len(await heard(meter)) == 1
        assert bench.count("enertrack_rechazos_total", motivo="medidor_desconocido") == 1
    assert stranger in (bench.settings.enertrack_datos / "rechazados.jsonl").read_text()


async def test_a_meter_added_meanwhile_is_known_at_once(bench: Bench) -> None:
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe(ACK)
        await bench.node(BOARD)

        async def confirmed() -> bool:
            await meter.publish(MEDICION, encoded(payload(1, NOW)))
            return bool(await meter.take_all(0.5))

        await eventually(confirmed, "the new meter is known", 8)


async def test_retained_messages_are_ignored(bench: Bench) -> None:
    node = await bench.node(BOARD)
    async with bench.meter() as meter:
        await meter.publish(MEDICION, encoded(payload(1, NOW - 60)), retain=True)
        async with bench.running():

            async def ignored() -> bool:
                return bench.count("enertrack_mensajes_ignorados_total") == 1

            await eventually(ignored, "the retained message is ignored")
            assert await bench.readings(node) == []
        await meter.publish(MEDICION, b"", retain=True)


async def publish(broker: Mosquitto, esp_id: str, values: dict[str, str], *options: str) -> None:
    """Publish leaves as boards of the original do."""
    for leaf, value in values.items():
        topic = ("-t", f"enertrack/{esp_id}/{leaf}")
        command = ["mosquitto_pub", "-p", str(broker.port), "-q", "0", *topic, "-m", value, *options]
        await asyncio.to_thread(subprocess.run, command, check=True)


async def test_boards_of_the_original_send_seven_leaves(bench: Bench, mosquitto_server: Mosquitto) -> None:
    node = await bench.node(OLD_BOARD, protocolo=1)
    async with bench.running():
        await publish(mosquitto_server, OLD_BOARD, {**LEAVES, "consumo": "0.0118", "energy_raw": "12.345"})
        [first] = await bench.stored(node, 1)
        await publish(mosquitto_server, OLD_BOARD, {"tension": "230.0", "consumo": "0.0118"})
        second = (await bench.stored(node, 2))[1]
    assert (first.energia_wh, first.consumo_wh, first.potencia, first.dt) == (12345.0, None, 353.1, 120)
    assert (first.tension, first.corriente, first.fp, first.frecuencia) == (229.5, 1.57, 0.98, 50.01)
    assert second.energia_wh is None
    assert second.consumo_wh == pytest.approx(11.8)


async def test_leaves_heard_before_the_end_are_stored(bench: Bench, mosquitto_server: Mosquitto) -> None:
    node = await bench.node(OLD_BOARD, protocolo=1)
    async with bench.running():
        await publish(mosquitto_server, OLD_BOARD, {"tension": "229.5", "energy_raw": "12.345"})

        async def taken() -> bool:
            return bench.count("enertrack_mensajes_recibidos_total") == 2

        await eventually(taken, "both leaves are heard")
    [reading] = await bench.readings(node)
    assert (reading.tension, reading.energia_wh) == (229.5, 12345.0)


@pytest.mark.parametrize("esp_id", [BOARD, OLD_BOARD])
async def test_boards_of_protocol_two_send_no_leaves(bench: Bench, mosquitto_server: Mosquitto, esp_id: str) -> None:
    node = await bench.node(esp_id)
    async with bench.running():
        await publish(mosquitto_server, esp_id, LEAVES)

        async def refused() -> bool:
            # An ack that an earlier test left in the session of the summaries is refused too.
            return bench.count("enertrack_rechazos_total", motivo="medidor_desconocido") >= len(LEAVES)

        await eventually(refused, "each leaf is refused")
    assert await bench.readings(node) == []


async def test_retained_leaves_are_ignored(bench: Bench, mosquitto_server: Mosquitto) -> None:
    node = await bench.node(OLD_BOARD, protocolo=1)
    await publish(mosquitto_server, OLD_BOARD, LEAVES, "--retain")
    async with bench.running():

        async def ignored() -> bool:
            return bench.count("enertrack_mensajes_ignorados_total") == len(LEAVES)

        await eventually(ignored, "the retained leaves are ignored")
    assert await bench.readings(node) == []
    await publish(mosquitto_server, OLD_BOARD, dict.fromkeys(LEAVES, ""), "--retain")


async def test_a_store_that_goes_away_and_comes_back_is_told_once_each(
    bench: Bench, failing: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "enertrack")
    node = await bench.node(BOARD)
    async with bench.running(), bench.meter() as meter:
        await meter.subscribe(ACK)
        failing.away.set()
        for n in range(5):
            await meter.publish(MEDICION, encoded(payload(n, NOW + n)))

        async def tried() -> bool:
            return failing.asked >= 4

        await eventually(tried, "several attempts")
        assert await bench.readings(node) == []
        assert bench.health.problems == {"almacén de mediciones": "apagado"}
        failing.away.clear()
        await bench.stored(node, 5)
        await heard(meter)
    told = [
        (r.getMessage(), r.__dict__["datos"]["que"]) for r in caplog.records if "que" in r.__dict__.get("datos", {})
    ]
    assert told == [("no responde", "almacén de mediciones"), ("vuelve a responder", "almacén de mediciones")]


async def test_what_was_not_confirmed_comes_again(bench: Bench, failing: Failing) -> None:
    """As when the process is killed between the broker's delivery and the write."""
    node = await bench.node(BOARD)
    failing.away.set()
    async with bench.meter() as meter:
        async with bench.running() as task:
            await meter.publish(MEDICION, encoded(payload(1, NOW)))

            async def tried() -> bool:
                return failing.asked >= 1

            await eventually(tried, "it came")
            task.cancel()
        assert await bench.readings(node) == []
        failing.away.clear()
        async with bench.running():
            assert [r.t for r in await bench.stored(node, 1)] == [NOW]


async def test_ending_finishes_what_was_begun_and_loses_nothing(bench: Bench) -> None:
    node = await bench.node(BOARD)
    async with bench.meter() as meter:
        sent = 0
        for _ in range(3):
            async with bench.running():
                for _ in range(200):
                    await meter.send(MEDICION, encoded(payload(sent, NOW - 1000 + sent)))
                    sent += 1
                await bench.stored(node, 1)
        async with bench.running():
            assert len(await bench.stored(node, sent)) == sent


async def test_readings_of_one_meter_are_confirmed_together(bench: Bench) -> None:
    node = await bench.node(BOARD)
    async with bench.meter() as meter:
        await meter.subscribe(ACK)
        async with bench.running():
            pass  # the session exists from now on and keeps what comes
        for n in range(1000):
            await meter.send(MEDICION, encoded(payload(n, NOW - 1000 + n)))
        await meter.drain()
        async with bench.running():
            await bench.stored(node, 1000)
            acks: list[dict[str, Any]] = []
            while sum(a["a"] - a["de"] + 1 for a in acks) < 1000:
                acks += await heard(meter)
    assert len(acks) < 100
    assert sorted(n for a in acks for n in range(a["de"], a["a"] + 1)) == list(range(1000))


async def test_touched_windows_are_summarized(bench: Bench) -> None:
    node = await bench.node(BOARD)
    start = quarter_of(NOW) - 4 * QUARTER_S
    times = range(start + 60, start + 2 * QUARTER_S + 1, 60)
    async with bench.running(), bench.meter() as meter:
        for n, t in enumerate(times):
            await meter.publish(MEDICION, encoded(payload(n, t)))

        async def summarized() -> bool:
            days = (await bench.store.windows(Resolution.DAY, [node], 0, 2**32))[node]
            return sum(w.summary.count for w in days) == len(times)

        await eventually(summarized, "the day is folded")
        stored = (await bench.store.windows(Resolution.QUARTER, [node], 0, 2**32))[node]
    readings = await bench.readings(node)
    for w in stored:
        assert w.summary == summarize([r for r in readings if w.start < r.t <= w.end], 26_500)
    assert [w.start for w in stored] == [start, start + QUARTER_S]


async def test_one_that_was_alone_hears_its_share_where_there_are_several(bench: Bench) -> None:
    await bench.node(BOARD)
    async with bench.running():
        pass
    bench.settings = bench.settings.model_copy(update={"enertrack_ingesta_compartida": True})
    async with bench.meter("otra") as other, bench.running(), bench.meter() as meter:
        await other.subscribe(loop.wanted(shared=True))
        for n in range(10):
            await meter.send(MEDICION, encoded(payload(n, NOW - 600 + n)))
        await heard(other, 5)

        async def its_share() -> bool:
            return bench.count("enertrack_mensajes_recibidos_total") >= 5

        await eventually(its_share, "its share")
    assert bench.count("enertrack_mensajes_recibidos_total") == 5
