"""What the log says of servers that go away behind the pages."""

import asyncio
import logging
from pathlib import Path

import pytest

from enertrack.stores.database import engine_of
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.supervise import THINGS, Health
from enertrack.web.watch import watch
from tests.support.mariadb import MariaDB
from tests.support.processes import eventually


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "enertrack.supervise"]


async def test_one_line_for_gone_and_one_for_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    health = Health(THINGS)
    store = Sqlite(tmp_path / "mediciones.db")
    with MariaDB() as server:
        server.create("enertrack")
        engine = engine_of(server.url("enertrack"))
        watching = asyncio.create_task(watch(engine, store, health))

        async def said(*lines: str) -> bool:
            return told(caplog) == list(lines)

        server.stop()
        await eventually(lambda: said("no responde"), "one line for gone")
        assert list(health.problems) == ["base de datos"]
        server.start()
        await eventually(lambda: said("no responde", "vuelve a responder"), "one line for back")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await engine.dispose()
    await store.close()
