"""The stores and the broker as they are, and as they are not, on real servers."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from enertrack.doctor import stores
from enertrack.domain.examination import State
from enertrack.domain.reading import Reading
from enertrack.settings import load
from enertrack.stores import nodes, states
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import NodeReading
from enertrack.stores.migration import upgrade
from tests.doctor.conftest import NOW, MakePlace
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.support.processes import free_port

MINUTE = timedelta(minutes=1)


@pytest.fixture
def env(
    mariadb_database: Database, influxd_server: Influxd, mosquitto_server: Mosquitto, tmp_path: Path
) -> dict[str, str]:
    return {
        **mariadb_database.environment,
        "INFLUX_URL": influxd_server.url,
        "INFLUX_TOKEN": influxd_server.token,
        "INFLUX_ORG": influxd_server.org,
        "INFLUX_BUCKET": influxd_server.new_bucket(),
        "ENERTRACK_MQTT_HOST": "127.0.0.1",
        "ENERTRACK_MQTT_PUERTO": str(mosquitto_server.port),
        "ENERTRACK_DATOS": str(tmp_path / "datos"),
    }


async def test_an_installation_that_works_is_well(place: MakePlace, env: dict[str, str]) -> None:
    here = place(**env)
    await upgrade(here.settings.database_url)
    checks = (stores.tables, stores.measurements, stores.broker, stores.meters, stores.summaries)
    found = await asyncio.gather(*(check(here) for check in checks))
    assert [f for one in found for f in one if f.estado is not State.WELL] == []


async def test_tables_of_another_revision_are_told_with_what_brings_both_together(
    place: MakePlace, env: dict[str, str], mariadb_database: Database
) -> None:
    here = place(**env)
    [empty] = await stores.tables(here)
    assert (empty.estado, "db upgrade" in empty.arreglo) == (State.FAILURE, True)
    [unknown] = await stores.meters(here)
    assert unknown.estado is State.NOT_HERE
    await upgrade(here.settings.database_url)
    mariadb_database.query("UPDATE alembic_version SET version_num = 'nueva'")
    [newer] = await stores.tables(here)
    assert (newer.estado, "nueva" in newer.hallado, "upgrade.yml" in newer.arreglo) == (State.FAILURE, True, True)


@pytest.mark.parametrize(
    ("check", "wrong", "mend"),
    [
        (stores.tables, {"MYSQL_PASSWORD": "otra"}, "mariadb"),
        (stores.tables, {"ENERTRACK_MYSQL_PUERTO": str(free_port())}, "systemctl restart mariadb"),
        (stores.measurements, {"INFLUX_TOKEN": "otra"}, "site.yml"),
        (stores.measurements, {"INFLUX_URL": f"http://127.0.0.1:{free_port()}"}, "systemctl restart influxdb"),
        (stores.broker, {"ENERTRACK_MQTT_PUERTO": str(free_port())}, "systemctl restart mosquitto"),
    ],
)
async def test_a_server_that_does_not_answer_us_is_told_with_its_mend(
    place: MakePlace, env: dict[str, str], check: type, wrong: dict[str, str], mend: str
) -> None:
    here = place(**{**env, **wrong})
    [found] = await check(here)
    assert found.estado is State.FAILURE
    assert mend in found.arreglo
    assert found.significa


async def test_a_broker_that_refuses_our_account_is_told(place: MakePlace, env: dict[str, str], tmp_path: Path) -> None:
    with Mosquitto.with_accounts(tmp_path / "broker") as broker:
        user, password = broker.admin
        wrong = {"ENERTRACK_MQTT_PUERTO": str(broker.port), "ENERTRACK_MQTT_USUARIO": user}
        [found] = await stores.broker(place(**{**env, **wrong, "ENERTRACK_MQTT_CLAVE": password + "x"}))
    assert found.estado is State.FAILURE
    assert "no acepta la cuenta" in found.hallado


async def test_a_silent_meter_is_named_and_its_last_reading_dated(place: MakePlace, env: dict[str, str]) -> None:
    here = place(**env)
    await upgrade(here.settings.database_url)
    engine = create_engine(load(env))
    try:
        for number, age in ((1, MINUTE), (2, 60 * MINUTE)):
            esp_id = f"A0B76512F3C{number}"
            node_id = await nodes.add_node(engine, esp_id=esp_id, nombre=f"Casa {number}", zona_horaria="UTC")
            await nodes.record_deliveries(engine, [nodes.Delivery(node_id, NOW - age, NOW - age)])
        async with open_measurements(here.settings) as store:
            reading = Reading(t=int((NOW - MINUTE).timestamp()), dt=60, seq=1, energia_wh=5.0)
            await store.write([NodeReading(1, reading)])
        await states.put(engine, stores.SUMMARIES, str(int((NOW - timedelta(days=2)).timestamp())))
    finally:
        await engine.dispose()
    [silent] = await stores.meters(here)
    assert silent.estado is State.WARNING
    assert "Casa 2 (A0B76512F3C2)" in silent.hallado
    assert "11:00" in silent.hallado
    [newest] = await stores.measurements(here)
    assert "2026-11-20 11:59" in newest.hallado
    [late] = await stores.summaries(here)
    assert late.estado is State.WARNING


async def test_the_watermark_is_the_one_that_ingest_keeps() -> None:
    from enertrack.ingest.summaries import WATERMARK  # noqa: PLC0415 - the doctor must not import a process

    assert stores.SUMMARIES == WATERMARK
    assert datetime.fromtimestamp(0, UTC) < NOW
