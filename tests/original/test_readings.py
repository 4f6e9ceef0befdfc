"""Points of a board become the readings that ingest would have made, whole after any interruption."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.original import readings as room
from enertrack.original.files import CopyError
from enertrack.original.points import Point
from enertrack.original.readings import keep, pieces, readings
from enertrack.original.spool import Extent, spool
from enertrack.stores.broker.topics import V1_LEAVES
from enertrack.stores.database import engine_of
from enertrack.stores.measurements.protocol import NodeReading, NodeWindow, Refused, Unavailable
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import Node, add_node, all_nodes

BOARD, START = "1265B7A0", 1_700_000_000


def point(leaf: str, t: float, value: float) -> Point:
    return Point(BOARD, int(t * 1000) * 10**6, V1_LEAVES.index(leaf), value)


def test_leaves_within_five_seconds_are_one_reading() -> None:
    found = [point("tension", START + 0.9, 220.0), point("corriente", START + 4.1, 1.5), point("fp", START + 6, 0.9)]
    refused: Counter[str] = Counter()
    assert list(readings(found, refused)) == [
        Reading(t=START, dt=120, tension=220.0, corriente=1.5),
        Reading(t=START + 6, dt=120, fp=0.9),
    ]
    assert not refused


def test_energy_is_the_register_or_else_the_consumption() -> None:
    with_register = [point("consumo", START, 0.0123), point("energy_raw", START + 0.1, 12.345)]
    (reading,) = readings(with_register, Counter())
    assert reading.energia_wh == pytest.approx(12_345)
    assert reading.consumo_wh is None
    (reading,) = readings(with_register[:1], Counter())
    assert reading.consumo_wh == pytest.approx(12.3)
    assert reading.energia_wh is None


def test_a_value_exported_twice_is_one_and_what_no_board_measures_is_counted() -> None:
    twice = [point("tension", START, 1.0), point("corriente", START, 1.0), point("tension", START, 2.0)]
    refused: Counter[str] = Counter()
    (reading,) = readings([*twice, point("fp", START + 1, 7.0)], refused)
    assert (reading.tension, reading.corriente, reading.fp) == (2.0, 1.0, None)
    assert refused == {"rango_fp": 1}


def test_no_two_readings_have_the_same_second() -> None:
    found = [point("tension", START + i / 10, 220.0) for i in range(5)]
    assert [r.t for r in readings(found, Counter())] == [START]


def test_a_long_gap_is_no_piece() -> None:
    times = [START, START + 120, START + 200_000, START + 200_120]
    cut = list(pieces(Reading(t=t, dt=120) for t in times))
    assert [[r.t for r in piece] for piece in cut] == [times[:2], times[2:]]


def test_points_come_back_in_the_order_of_time() -> None:
    later = Point("1265B7A1", 5 * 10**9, 1, 1.0)
    with spool([BOARD, "1265B7A1", "1265B7A2"]) as waiting:
        waiting.fill(iter([point("fp", 9, 1.0), point("fp", 3, 0.5), later, point("tension", 3, 220.0)]))
        assert list(waiting.of(BOARD)) == [point("fp", 3, 0.5), point("tension", 3, 220.0), point("fp", 9, 1.0)]
        assert waiting.extents() == {BOARD: Extent(3, 3, 9), "1265B7A1": Extent(1, 5, 5)}


def test_an_import_that_is_killed_leaves_no_file_behind(tmp_path: Path) -> None:
    program = (
        "import os, signal; from enertrack.original.points import Point; from enertrack.original import spool\n"
        "spool._PRAGMAS = (*spool._PRAGMAS, 'cache_size = -1024')\n"
        "with spool.spool(['1265B7A0']) as waiting:\n"
        "    waiting.fill(Point('1265B7A0', i, 0, 1.0) for i in range(200_000))\n"
        "    fds = [f'/proc/self/fd/{n}' for n in range(3, 20)]\n"
        "    held = [os.readlink(fd) for fd in fds if os.path.lexists(fd)]\n"
        f"    print(any(name.startswith({str(tmp_path)!r}) for name in held), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "True\n"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enertrack.original.spool._PRAGMAS", ("max_page_count = 10",))
    with pytest.raises(CopyError, match="TMPDIR"), spool([BOARD]) as waiting:
        waiting.fill(point("fp", t, 1.0) for t in range(10_000))


@dataclass
class Place:
    engine: AsyncEngine
    store: "Failing"
    node: Node


class Failing(Sqlite):
    """A store that goes away at the ``fails``-th write."""

    fails = -1

    async def write(self, readings: Sequence[NodeReading]) -> list[Refused]:
        self._count()
        return await super().write(readings)

    async def write_windows(self, resolution: Resolution, windows: Sequence[NodeWindow]) -> None:
        self._count()
        await super().write_windows(resolution, windows)

    def _count(self) -> None:
        self.fails -= 1
        if self.fails == 0:
            message = "se fue"
            raise Unavailable(message)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'enertrack.db'}"
    await upgrade(url)
    engine = engine_of(url)
    await add_node(engine, esp_id=BOARD, nombre="Casa", zona_horaria="America/Argentina/Buenos_Aires", protocolo=1)
    store = Failing(tmp_path / "mediciones.db")
    yield Place(engine, store, (await all_nodes(engine))[0])
    await store.close()
    await engine.dispose()


def history() -> list[Point]:
    return [point("energy_raw", START + 600 * i + (3_000_000 if i > 500 else 0), i / 100) for i in range(1000)]


async def contents(place: Place) -> list[object]:
    found: list[object] = [await place.store.readings([place.node.id], 0, 2**33)]
    for resolution in (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY):
        windows = (await place.store.windows(resolution, [place.node.id], 0, 2**33))[place.node.id]
        found.append([(w.start, w.end, w.summary.count, round(w.summary.energy_wh, 6)) for w in windows])
    return found


async def test_what_an_interruption_left_is_finished(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PIECE", 200)
    for writes in itertools.count(1):  # each time some more, until there is none left to fail at
        place.store.fails = writes
        with contextlib.suppress(Unavailable):
            await keep(place.engine, place.store, place.node, history())
            break
    assert writes > 3
    after = await contents(place)
    assert len(after[0][place.node.id]) == 1000  # type: ignore[index]
    for resolution in after[1:]:
        assert sum(w[2] for w in resolution) == 1000  # type: ignore[attr-defined]
    again = await keep(place.engine, place.store, place.node, history())
    assert (again.readings, again.new) == (1000, 0)
    assert await contents(place) == after
