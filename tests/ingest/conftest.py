"""An ingest within the test, on a real broker and SQLite."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.reading import Reading
from enertrack.ingest.metrics import Metrics
from enertrack.ingest.service import ingest
from enertrack.settings import Settings
from enertrack.stores.broker.client import Link, connect
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.protocol import Measurements
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import add_node
from enertrack.supervise import THINGS, Health
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually

ZONE = "America/Argentina/Buenos_Aires"


def settings_for(port: int, folder: Path, **more: Any) -> Settings:  # noqa: ANN401 - any field
    """Settings of an ingest whose stores are files in ``folder``."""
    fields: dict[str, Any] = {"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": port}
    return Settings.model_construct(**fields, enertrack_datos=folder, enertrack_metricas="", **more)


class Bench:
    """One ingest's surroundings: its stores and broker, and what a test asks of them."""

    def __init__(self, settings: Settings, store: Measurements, engine: AsyncEngine) -> None:
        self.settings = settings
        self.store = store
        self.engine = engine
        self.health = Health(THINGS)
        self.metrics = Metrics()

    @contextlib.asynccontextmanager
    async def running(self, store: Measurements | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """A ready ingest, ended at the end as SIGTERM would end it."""
        self.health, self.metrics = Health(THINGS), Metrics()
        task = asyncio.ensure_future(
            ingest(
                self.settings,
                health=self.health,
                store=store or self.store,
                engine=self.engine,
                metrics=self.metrics,
            )
        )
        try:
            await eventually(lambda: self._is_ready(task), "the ingest is ready")
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _is_ready(self, task: asyncio.Task[None]) -> bool:
        if task.done():
            task.result()
        return not self.health.starting

    @contextlib.asynccontextmanager
    async def meter(self, name: str = "medidor") -> AsyncIterator[Link]:
        """A connection of a meter."""
        async with connect(self.settings, client_id=name) as link:
            yield link

    async def node(self, esp_id: str, *, zone: str = ZONE, protocolo: int = 2) -> int:
        """A new node."""
        return await add_node(self.engine, esp_id=esp_id, nombre=esp_id, zona_horaria=zone, protocolo=protocolo)

    async def readings(self, node_id: int) -> list[Reading]:
        """All that is stored of a node."""
        return (await self.store.readings([node_id], 0, 2**32))[node_id]

    async def stored(self, node_id: int, n: int) -> list[Reading]:
        """All that is stored of a node, once it is that many."""

        async def enough() -> bool:
            return len(await self.readings(node_id)) >= n

        await eventually(enough, f"{n} readings stored")
        return await self.readings(node_id)

    def count(self, name: str, **labels: str) -> float:
        """A metric's value."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture(scope="module")
def mosquitto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker of each file's own: what others left retained would be counted here."""
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server


@pytest.fixture
async def bench(mosquitto_server: Mosquitto, tmp_path: Path) -> AsyncIterator[Bench]:
    """Files in a folder of its own, and the run's broker."""
    settings = settings_for(mosquitto_server.port, tmp_path, enertrack_ingesta_id=f"ingesta{time.monotonic_ns()}")
    await upgrade(settings.database_url)
    engine = create_engine(settings)
    made = Bench(settings, Sqlite(tmp_path / "mediciones.db"), engine)
    try:
        yield made
    finally:
        await made.store.close()
        await engine.dispose()
