"""``enertrack ingest`` as systemd runs it, on real servers."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
import pytest

from enertrack.domain.resolution import Resolution
from enertrack.ingest.metrics import Metrics
from enertrack.ingest.observe import observed
from enertrack.settings import SettingsError, load
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Account, connect
from enertrack.stores.broker.rights import INGEST
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import add_node
from enertrack.supervise import Health
from tests.support.appliance import ENERTRACK, Appliance, notify_socket
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually

BOARD = "A0B765000001"
MEDICION = f"enertrack/{BOARD}/medicion"
NOW = int(time.time())


def environment(database: Database, influxd: Influxd, bucket: str, broker: Mosquitto) -> dict[str, str]:
    return {
        **database.environment,
        "INFLUX_URL": influxd.url,
        "INFLUX_TOKEN": influxd.token,
        "INFLUX_ORG": influxd.org,
        "INFLUX_BUCKET": bucket,
        "ENERTRACK_MQTT_HOST": "127.0.0.1",
        "ENERTRACK_MQTT_PUERTO": str(broker.port),
    }


def reading(seq: int) -> bytes:
    t = NOW - 2000 + seq
    return msgspec.json.encode({"t": t, "anillo": 5, "seq": seq, "dt": 1, "e": 100 + seq, "p": 3600.0, "q": 0})


async def test_killed_and_ended_on_real_servers_it_loses_nothing(
    mariadb_database: Database,
    influxd_server: Influxd,
    influxd_bucket: str,
    mosquitto_server: Mosquitto,
    tmp_path: Path,
) -> None:
    appliance = Appliance(tmp_path, environment(mariadb_database, influxd_server, influxd_bucket, mosquitto_server))
    settings = load(appliance.env)
    await upgrade(settings.database_url)
    engine = create_engine(settings)
    node = await add_node(engine, esp_id=BOARD, nombre="casa", zona_horaria="Europe/Madrid")
    await engine.dispose()
    sent = 0
    with notify_socket(tmp_path) as systemd:
        systemd.settimeout(20)
        named = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        async with connect(settings, client_id="medidor") as meter:
            for end in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
                with appliance.ingest(f"ingesta-{influxd_bucket}"[:40], **named) as ingest:
                    for _ in range(500):
                        await meter.send(MEDICION, reading(sent))
                        sent += 1
                    ingest.process.child.send_signal(end)
                    assert ingest.process.child.wait(20) == (0 if end == signal.SIGTERM else -end)
            await meter.drain()
        told = {systemd.recv(4096).decode().partition("=")[0] for _ in range(2)}
        assert told == {"READY", "STATUS"}
        with appliance.ingest(f"ingesta-{influxd_bucket}"[:40], **named) as ingest:
            async with open_measurements(settings) as store:

                async def whole() -> bool:
                    stored = (await store.readings([node], 0, NOW))[node]
                    return [r.seq for r in stored] == list(range(sent))

                await eventually(whole, "all that was sent is stored")

                async def folded() -> bool:
                    days = (await store.windows(Resolution.DAY, [node], 0, NOW))[node]
                    return sum(w.summary.count for w in days) == sent

                await eventually(folded, "and summarized")
            assert ingest.process.stop() == 0


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run([ENERTRACK, "ingest"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "enertrack demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said() -> None:
    with (
        observed("127.0.0.1:0", Metrics().registry, Health({})) as port,
        pytest.raises(SettingsError, match=f"ENERTRACK_METRICAS.*{port}"),
        observed(f"127.0.0.1:{port}", Metrics().registry, Health({})),
    ):
        pass


def test_health_is_told_over_http() -> None:
    health = Health({OSError: "broker"})
    with observed("127.0.0.1:0", Metrics().registry, health) as port:

        def get(path: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as e:
                with e:
                    return e.code, e.read().decode()

        assert get("/readyz")[0] == 503
        health.well("lecturas")
        assert get("/readyz")[0] == 200
        health.trouble("lecturas", OSError("no contesta"))
        assert get("/readyz")[0] == 503
        assert json.loads(get("/readyz")[1])["sin_respuesta"] == {"broker": "no contesta"}
        assert get("/healthz")[0] == 200
        assert "enertrack_lecturas_guardadas_total" in get("/metrics")[1]
        assert get("/otra")[0] == 404


async def test_a_retired_session_is_emptied_by_the_ingest_s_own_account_only(
    mariadb_database: Database, influxd_server: Influxd, influxd_bucket: str, tmp_path: Path
) -> None:
    with Mosquitto.with_accounts(tmp_path / "mosquitto") as broker:
        user, password = broker.admin
        admin = {
            "ENERTRACK_CUENTAS_BROKER": "dynsec",
            "ENERTRACK_MQTT_USUARIO": user,
            "ENERTRACK_MQTT_CLAVE": password,
            "DOMINIO": "casa.example",
        }
        env = environment(mariadb_database, influxd_server, influxd_bucket, broker)
        appliance = Appliance(tmp_path, env, **admin)
        secret = tmp_path / "credentials/ingest/enertrack_mqtt_clave"
        secret.parent.mkdir(parents=True)
        secret.write_text("clave de la ingesta")
        appliance.run("db", "upgrade")
        appliance.run("broker", "setup", "--credentials", str(tmp_path / "credentials"))
        added = appliance.run("node", "add", BOARD, "--name", "casa", "--zone", "Europe/Madrid", "--json")
        board = Account(BOARD, json.loads(added)["clave"])
        own = appliance.with_settings(ENERTRACK_MQTT_USUARIO=INGEST, ENERTRACK_MQTT_CLAVE="clave de la ingesta")
        with own.ingest():
            pass
        async with connect(load(env), client_id=topics.client_id(BOARD), account=board) as meter:
            for sent in range(9):
                await meter.send(MEDICION, reading(sent))
        with pytest.raises(AssertionError, match="systemctl start enertrack-drain"):
            appliance.run("ingest", "--drain")
        own.run("ingest", "--drain")
        async with open_measurements(load(env)) as store:
            stored = (await store.readings([1], 0, NOW))[1]
        assert [r.seq for r in stored] == list(range(9))
