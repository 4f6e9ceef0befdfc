"""Installations on real servers with people, meters and readings, and a repository of restic between them."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from enertrack import settings
from enertrack.domain.reading import Reading
from enertrack.stores import audit, nodes, users
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.protocol import NodeReading
from enertrack.stores.migration import upgrade
from tests.support.appliance import ENERTRACK
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.unit.test_cli import Done, enertrack

BOARDS: Final = ("A0B76512C4D0", "A0B76512C4D1")
BEGIN: Final = 1_769_900_000  # some hours before February 2026
STEP: Final = 600
NOW: Final = datetime(2026, 2, 1, tzinfo=UTC)
READINGS: Final = 3 * 144
PASSWORD: Final = "clave 'de' \\ prueba"
ACCOUNTS: Final = {
    "defaultACLAccess": {"publishClientSend": False},
    "clients": [{"username": "enertrack-admin", "password": "old"}, {"username": BOARDS[0], "password": "meter"}],
    "roles": [{"rolename": "enertrack-web", "acls": []}, {"rolename": BOARDS[0], "acls": [1]}],
}


@dataclass
class House:
    """An installation: its servers, its folder, and the environment of its commands."""

    folder: Path
    database: Database
    influxd: Influxd
    bucket: str
    repository: Path
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def accounts(self) -> Path:
        return self.folder / "dynamic-security.json"

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "ENERTRACK_DATOS": str(self.folder / "datos"),
            "ENERTRACK_MQTT_HOST": "127.0.0.1",
            **self.database.environment,
            "INFLUX_URL": self.influxd.url,
            "INFLUX_TOKEN": self.influxd.token,
            "INFLUX_ORG": self.influxd.org,
            "INFLUX_BUCKET": self.bucket,
            "ENERTRACK_RESPALDO_REPOSITORIO": str(self.repository),
            "ENERTRACK_RESPALDO_CLAVE": PASSWORD,
            "ENERTRACK_RESPALDO_BROKER": str(self.accounts),
            **self.more,
        }

    def run(self, *arguments: str, **env: str) -> Done:
        return enertrack(self.folder, *arguments, **{**self.env, **env})

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command in a process of its own."""
        return subprocess.Popen([ENERTRACK, *arguments], env=self.env, cwd=self.folder, stderr=subprocess.DEVNULL)

    def done(self, *arguments: str, **env: str) -> str:
        """What a command says that goes well."""
        done = self.run(*arguments, **env)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def told(self, name: str) -> dict[str, Any]:
        """What the last run left for doctor."""
        found: dict[str, Any] = json.loads((self.folder / f"datos/{name}.json").read_text())
        return found

    def left(self) -> list[str]:
        """What is in the state folder beside the reports."""
        kept = {"backup.json", "rehearsal.json", "lock"}
        return sorted(p.name for p in (self.folder / "datos").iterdir() if p.name not in kept)

    def store(self) -> Influx:
        return Influx(self.influxd.url, self.influxd.token, self.influxd.org, self.bucket)

    def rows(self) -> dict[str, tuple[Any, ...]]:
        """Each table's rows and MariaDB's own checksum of them."""
        tables = [row[0] for row in self.database.query("SHOW TABLES")]
        return {
            t: (
                *self.database.query(f"SELECT COUNT(*) FROM `{t}`"),
                *self.database.query(f"CHECKSUM TABLE `{t}`")[0][1:],
            )
            for t in tables
        }

    def hours(self) -> dict[tuple[int, int], tuple[int, float, float]]:
        """Count and sums of each meter's readings in each hour, read one by one."""
        return asyncio.run(self._hours())

    async def _hours(self) -> dict[tuple[int, int], tuple[int, float, float]]:
        found: dict[tuple[int, int], tuple[int, float, float]] = {}
        store = self.store()
        for node, readings in (await store.readings([1, 2], 0, 4_000_000_000)).items():
            for one in readings:
                n, wh, w = found.get((node, one.t // 3600), (0, 0.0, 0.0))
                found[node, one.t // 3600] = n + 1, wh + (one.energia_wh or 0), w + (one.potencia or 0)
        await store.close()
        return found

    def fill(self) -> None:
        """People, meters, and readings over the edge of a month."""
        asyncio.run(self._fill())
        self.write(BEGIN, READINGS)
        self.accounts.write_text(json.dumps(ACCOUNTS))

    async def _fill(self) -> None:
        loaded = settings.load(self.env)
        await upgrade(loaded.database_url)
        engine = create_engine(loaded)
        ana = await users.add_user(engine, nombre_usuario="ana", password_hash="scrypt:x'\\", correo="ana@example.org")
        for board in BOARDS:
            node = await nodes.add_node(engine, esp_id=board, nombre=f"Casa\n«{board}»", zona_horaria="Europe/Madrid")
            await nodes.link_user(engine, user_id=ana, node_id=node, rol="propietario")
            await audit.record(engine, "alta", momento=NOW, nodo_id=node, detalle={"a": "é;'\n"})
        await engine.dispose()

    def write(self, begin: int, count: int) -> None:
        """Readings of both meters, one each ten minutes."""
        asyncio.run(self._write(begin, count))

    async def _write(self, begin: int, count: int) -> None:
        store = self.store()
        await store.write([NodeReading(node, reading(begin + i * STEP, node)) for i in range(count) for node in (1, 2)])
        await store.close()


def reading(t: int, node: int) -> Reading:
    power = 100.0 * node + t % 7_777 / 7
    return Reading(t=t, dt=STEP, seq=t // STEP, energia_wh=t / 977.0, potencia=power, tension=229.9, calidad=0)


@pytest.fixture(scope="session")
def other_influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with Influxd(tmp_path_factory.mktemp("otro-influxd")) as server:
        yield server


@pytest.fixture(scope="session")
def other_mariadb() -> Iterator[MariaDB]:
    with MariaDB() as server:
        yield server


@pytest.fixture
def house(mariadb_database: Database, influxd_server: Influxd, tmp_path: Path) -> House:
    """One with data."""
    bucket = influxd_server.new_bucket()
    made = House(tmp_path / "una", mariadb_database, influxd_server, bucket, tmp_path / "repositorio")
    made.fill()
    return made


@pytest.fixture
def new_house(house: House, other_mariadb: MariaDB, other_influxd: Influxd) -> Iterator[House]:
    """A fresh one on other servers, as an installation leaves it, with the repository of the first."""
    other_mariadb.create("otra")
    made = House(
        house.folder.parent / "otra",
        Database(other_mariadb, "otra"),
        other_influxd,
        other_influxd.new_bucket(),
        house.repository,
    )
    made.done("db", "upgrade")
    made.accounts.write_text(json.dumps({"clients": [{"username": "enertrack-admin", "password": "new"}], "roles": []}))
    made.accounts.chmod(0o600)
    yield made
    other_mariadb.drop("otra")
