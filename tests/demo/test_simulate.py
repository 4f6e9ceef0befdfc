"""Fleets on a real broker with a server that confirms whatever it hears."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from enertrack.demo.console import Destination, towards
from enertrack.demo.fleet import fleet, meter_id
from enertrack.demo.simulate import Task, create, main, simulate, totals
from enertrack.settings import Settings, SettingsError, load
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import connect
from enertrack.stores.database import create_engine
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import all_nodes
from tests.support.mosquitto import Mosquitto

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


def at(server: Mosquitto) -> Settings:
    return towards(load({}), Destination(f"127.0.0.1:{server.port}"))


@contextlib.asynccontextmanager
async def confirming(settings: Settings, heard: dict[str, list[dict[str, Any]]]) -> AsyncIterator[None]:
    """A server that notes what each meter sends and confirms all of it."""
    async with connect(settings, client_id="confirms-all") as link:
        await link.subscribe(topics.medicion("+"))

        async def confirm() -> None:
            async for message in link.messages():
                found = topics.parse(message.topic)
                items = json.loads(message.payload)
                assert found is not None
                heard.setdefault(found.esp_id, []).extend(items)
                ack = {"anillo": items[0]["anillo"], "de": items[0]["seq"], "a": items[-1]["seq"]}
                await link.send(topics.ack(found.esp_id), json.dumps(ack))

        task = asyncio.create_task(confirm())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_fleet_ends_with_all_confirmed(mosquitto_server: Mosquitto) -> None:
    settings = at(mosquitto_server)
    heard: dict[str, list[dict[str, Any]]] = {}
    some = fleet(30, ZONE, "02E7B0")
    async with confirming(settings, heard):
        await simulate(some, settings, speed=60, seconds=3)
    done = totals(some)
    assert sorted(heard) == [meter_id(i, "02E7B0") for i in range(1, 31)]
    assert (done.waiting, done.lost, done.connected) == (0, 0, 0)
    assert done.confirmed == sum(x.meter.ring.next_seq for x in some) > 30
    for items in heard.values():
        assert items[0]["dt"] == 0
        fresh = {item["seq"]: item for item in items}
        assert sorted(fresh) == list(range(len(fresh)))
        assert sum(item["dt"] for item in fresh.values()) == fresh[len(fresh) - 1]["t"] - fresh[0]["t"]


async def test_ids_are_the_same_each_time_and_rings_are_not() -> None:
    one, other = fleet(5, ZONE), fleet(5, ZONE)
    assert [x.meter.esp_id for x in one] == [x.meter.esp_id for x in other] == [meter_id(i) for i in range(1, 6)]
    assert all(topics.is_meter_id(x.meter.esp_id) for x in one)
    assert {x.meter.ring.anillo for x in one}.isdisjoint({x.meter.ring.anillo for x in other})


async def test_its_meters_are_added_once_to_the_tables(tmp_path: Path) -> None:
    settings = load({"ENERTRACK_DATOS": str(tmp_path)})
    await asyncio.to_thread(asyncio.run, upgrade(settings.database_url))
    some = fleet(4, ZONE)
    for _ in range(2):
        await create(some, settings)
    engine = create_engine(settings)
    assert [node.esp_id for node in await all_nodes(engine)] == [x.meter.esp_id for x in some]
    await engine.dispose()


@pytest.mark.parametrize("task", [Task(prefix="02e7a0"), Task(prefix="02E7A"), Task(speed=0), Task(speed=61)])
def test_a_mistake_is_told_before_anything_is_sent(task: Task) -> None:
    with pytest.raises(SettingsError, match=r"--prefix|--speed"):
        main(task, load({}), Destination("127.0.0.1:1"))


def test_the_broker_that_is_told_stands_in_for_the_configured_one(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    told = towards(load({}), Destination("mqtt.example:8883", "ana", "secreta", ca=ca))
    assert (told.enertrack_mqtt_host, told.enertrack_mqtt_puerto, told.enertrack_mqtt_tls) == (
        "mqtt.example",
        8883,
        True,
    )
    assert (told.enertrack_mqtt_usuario, told.enertrack_mqtt_clave) == ("ana", SecretStr("secreta"))
    assert told.enertrack_mqtt_ca == ca


@pytest.mark.parametrize(
    ("to", "mistake"),
    [
        (Destination(), "--broker: falta"),
        (Destination("127.0.0.1:x"), "--broker: debe ser dirección:puerto"),
        (Destination("127.0.0.1:70000"), "--broker: debe ser dirección:puerto"),
        (Destination("127.0.0.1", ca=Path("/nada")), "--ca: el archivo no existe"),
    ],
)
def test_a_broker_that_cannot_be_is_told(to: Destination, mistake: str) -> None:
    with pytest.raises(SettingsError, match=mistake):
        towards(load({}), to)
