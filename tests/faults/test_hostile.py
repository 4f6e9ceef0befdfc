"""A hundred thousand spoilt messages: each is refused by a known reason, and nothing else happens."""

import contextlib
import json
import re
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from enertrack import settings
from enertrack.domain.decode import MAX_ITEMS, Item
from enertrack.ingest.deadletters import MAX_BYTES
from enertrack.stores.broker.client import connect
from tests.faults.conftest import IDS
from tests.support.appliance import USER, Appliance, Ingest
from tests.support.flood import Flood, Message, reading
from tests.support.mosquitto import Mosquitto
from tests.support.mutations import BOARD, ILL_FORMED, LEAVES, NO_STATES, NUMBER, mutated
from tests.support.processes import Process, eventually
from tests.support.stored import Stored

pytestmark = pytest.mark.faults
ILL = 200
WELL = 100_000 - ILL
MAX_PAYLOAD = 16_384
PATIENCE_S = 240.0
MEDICION = re.compile(rb"enertrack/[^/]*/medicion")
SAID = re.compile(rb"enertrack/[^/]*/(estado|ack)")
KNOWN = f"enertrack/{IDS[0]}/medicion".encode()
KNOWN_STATES = {f"enertrack/{x}/estado".encode() for x in (*IDS, BOARD)}
LEAF = {topic.rpartition(b"/")[2].decode() for topic in LEAVES}
WHOLE = {"tamano", "utf8", "json", "cantidad", "tipo", "pasado", "futuro", "medidor_desconocido", "estado", "ack"}
REASONS = WHOLE | {f"{what}_{x}" for what in ("falta", "tipo", "rango") for x in (*Item.__struct_fields__, *LEAF)}
EVENT = "la ingesta (comienza|termina)|páginas en marcha|no responde|vuelve a responder"
FIELD = r""" [a-z]+=("[^"\\\x00-\x1f\x7f]*"|[\w.:/-]+)"""
LINE = re.compile(rf"[\d-]{{10}}T[\d:]{{8}}Z (INFO|AVISO) (ingesta|web): ({EVENT})({FIELD})*")


class Counters:
    """What an ingest counted since the last look."""

    def __init__(self, ingest: Ingest) -> None:
        self.ingest = ingest
        self.before: dict[str, float] = {}

    def since(self) -> dict[str, int]:
        """How much each counter has grown; ``rechazos`` is all refusals together."""
        now = self.ingest.metrics()
        grown = {name: int(value - self.before.get(name, 0)) for name, value in now.items()}
        refused = sum(n for name, n in grown.items() if name.startswith("enertrack_rechazos_total"))
        counters = ("mensajes_recibidos", "mensajes_ignorados", "lecturas_guardadas", "lecturas_sin_hora")
        return {name: grown[f"enertrack_{name}_total"] for name in counters} | {"rechazos": refused}

    async def reach(self, name: str, n: int) -> dict[str, int]:
        """Wait until a counter has grown by ``n``, and begin anew."""

        async def there() -> bool:
            return self.since()[name] >= n

        await eventually(there, f"{name} grew by {n}", PATIENCE_S)
        grown = self.since()
        self.before = self.ingest.metrics()
        return grown

    def reasons(self) -> set[str]:
        """By which reasons anything was refused."""
        found = (re.fullmatch(r'enertrack_rechazos_total\{motivo="(.*)"\}', name) for name in self.ingest.metrics())
        return {x[1] for x in found if x}


def items(m: Message) -> int:
    """How many readings a message claims to hold, as far as a server that knows its meter would count them."""
    try:
        found = json.loads(m.payload) if m.topic == KNOWN else None
    except (ValueError, RecursionError):
        return 1
    if not isinstance(found, list) or not any(isinstance(x, dict) for x in found) or len(found) > MAX_ITEMS:
        return 1
    return len(found)


async def send_ill_formed(broker: Mosquitto) -> None:
    """Each by a connection of its own, which the broker ends."""
    for n in range(ILL):
        message = Message(ILL_FORMED[n % len(ILL_FORMED)], reading(IDS[0], n, int(time.time())).payload)
        with contextlib.suppress(ConnectionError):
            await Flood(broker.port, f"mal-{n}").publish([message])


async def confirmed(appliance: Appliance, esp_id: str, t: int) -> None:
    """A good reading is confirmed to its meter, and stored."""
    async with connect(settings.load(appliance.env), client_id="bueno") as meter:
        await meter.subscribe(f"enertrack/{esp_id}/ack")
        good = reading(esp_id, 1, t, anillo=8)
        await meter.publish(good.topic.decode(), good.payload)
        [ack] = await meter.take_all(30)
    assert json.loads(ack.payload) == {"anillo": 8, "de": 1, "a": 1, "rechazadas": 0, "t": [t, t]}
    async with Stored.of(appliance) as stored:
        assert await stored.has(esp_id, t)


async def retain(appliance: Appliance, topic: str, payload: bytes) -> None:
    """Leave a message at the broker for whoever comes."""
    async with connect(settings.load(appliance.env), client_id="bueno") as meter:
        await meter.publish(topic, payload, retain=True)


def check_log(process: Process) -> None:
    """Lines of known events, and nothing else; a server may be slow, but nothing is at fault."""
    lines = process.log.read_bytes().decode().removesuffix("\n").split("\n")
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def check_dead_letters(folder: Path) -> None:
    """Plain lines of JSON in files of a bounded size."""
    for path in folder.glob("rechazados*"):
        kept = path.read_bytes()
        assert 0 < len(kept) < MAX_BYTES + 100_000
        assert re.fullmatch(rb"[ -~\n]*", kept)
        for line in kept.splitlines():
            assert set(json.loads(line)["motivo"].split(",")) <= REASONS


def publishable(messages: Iterable[Message], topics: re.Pattern[bytes]) -> list[Message]:
    """Those on topics that ingest takes, and that the broker does not find too long."""
    return [m for m in messages if topics.fullmatch(m.topic) and len(m.payload) <= MAX_PAYLOAD]


def withdrawn(m: Message) -> bool:
    """Whether it takes a known meter's retained word away, which is no fault."""
    return not m.payload and m.topic in KNOWN_STATES


async def test_a_hundred_thousand_spoilt_messages(appliance: Appliance, mosquitto: Mosquitto) -> None:
    appliance.run("node", "add", BOARD, "--name", "placa", "--protocol", "1", "--user", USER)
    spoilt = list(mutated(WELL, IDS[0], int(time.time())))
    measured, said = publishable(spoilt, MEDICION), publishable(spoilt, SAID)
    leaves = [m for m in spoilt if m.topic in LEAVES and len(m.payload) <= MAX_PAYLOAD]
    readings = {id(m) for m in spoilt if MEDICION.fullmatch(m.topic)}
    with appliance.ingest() as ingest, appliance.web() as web:
        child, counters = ingest.process.child.pid, Counters(ingest)

        assert await Flood(mosquitto.port).publish(m for m in spoilt if id(m) in readings) == len(readings)
        grown = await counters.reach("mensajes_recibidos", len(measured))
        assert grown["mensajes_recibidos"] == len(measured)
        told = grown["lecturas_guardadas"] + grown["lecturas_sin_hora"] + grown["rechazos"]
        assert told == sum(items(m) for m in measured)

        await Flood(mosquitto.port).publish(m for m in spoilt if id(m) not in readings)
        await send_ill_formed(mosquitto)
        numbers = [m for m in leaves if m.payload == NUMBER and f"/{BOARD}/".encode() in m.topic]
        ill = len(leaves) - len(numbers) + len(said) - sum(withdrawn(m) for m in said)
        grown = await counters.reach("rechazos", ill)
        assert (grown["mensajes_recibidos"], grown["rechazos"]) == (len(leaves), ill)
        assert counters.reasons() <= REASONS

        await confirmed(appliance, IDS[1], int(time.time()))
        async with Stored.of(appliance) as stored:
            assert await stored.count(BOARD) > 0
            for esp_id in IDS[:2]:
                await stored.rolled_up(esp_id, await stored.count(esp_id))
        assert (ingest.process.child.pid, ingest.process.alive, ingest.ready()) == (child, True, True)
        check_dead_letters(appliance.folder / "datos")
        assert ingest.process.stop() == 0
        await retain(appliance, f"enertrack/{IDS[0]}/estado", max(NO_STATES, key=len))
        await retain(appliance, f"enertrack/{IDS[0]}/medicion", reading(IDS[0], 1, int(time.time())).payload)
        ingest.process.start()
        ingest.wait_ready()
        await confirmed(appliance, IDS[1], int(time.time()) - 60)
        again = Counters(ingest).since()
        assert (again["mensajes_recibidos"], again["mensajes_ignorados"]) == (3, 1), "nothing came again"
        check_log(ingest.process)
        check_log(web.process)
