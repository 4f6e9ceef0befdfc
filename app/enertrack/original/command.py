"""``enertrack import-original``: copies in, a summary out."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.original import dump, report
from enertrack.original.files import CopyError, reading
from enertrack.original.people import Original, understand
from enertrack.original.points import Seen, points
from enertrack.original.readings import Kept, keep
from enertrack.original.spool import Spool, spool
from enertrack.original.take import Taken, take
from enertrack.settings import Settings
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.nodes import all_nodes

AHEAD_S: Final = 600
PATIENCE_S: Final = 60.0
UNCHANGED: Final = "Sin cambios."

out: Final = Console(soft_wrap=True, highlight=False, markup=False)


class Task(msgspec.Struct, frozen=True):
    """A copy of the tables, the exported measurements, the zone of the places, and whether nothing may change."""

    tables: Path
    measurements: Path | None
    zone: str
    dry: bool


class Outcome(msgspec.Struct):
    """What was found and what became of it."""

    original: Original
    seen: Seen
    taken: Taken
    kept: dict[str, Kept]


def main(task: Task, settings: Settings) -> None:
    """Exits with 1 and a message where a copy cannot be read."""
    try:
        ZoneInfo(task.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        sys.exit(f"--zone: {task.zone!a} no es una zona horaria de la IANA, como America/Argentina/Buenos_Aires")
    try:
        asyncio.run(_import(task, settings))
    except CopyError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("interrumpido: repita la orden, que hace lo que falta")


async def _import(task: Task, settings: Settings) -> None:
    """Both copies are read whole before anything is changed."""
    original, seen = understand(dump.read(task.tables)), Seen()
    boards = [meter.esp_id for meter in original.meters]
    with spool(dict.fromkeys(boards)) as waiting:
        if task.measurements:
            _fill(waiting, task.measurements, boards, seen)
        engine = create_engine(settings)
        try:
            taken = await take(engine, original, task.zone, dry=task.dry)
            kept = {} if task.dry else await _keep(engine, settings, taken, waiting)
        finally:
            await engine.dispose()
        for line in _told(task, Outcome(original, seen, taken, kept), waiting):
            out.print(line)


def _fill(waiting: Spool, path: Path, boards: list[str], seen: Seen) -> None:
    latest = (int(time.time()) + AHEAD_S) * 10**9
    with reading(path) as (file, position), _bar() as progress:
        line = progress.add_task("Leyendo las mediciones", total=path.stat().st_size)
        waiting.fill(points(file, boards, latest, seen, lambda: progress.update(line, completed=position())))
        progress.update(line, completed=position())


async def _keep(engine: AsyncEngine, settings: Settings, taken: Taken, waiting: Spool) -> dict[str, Kept]:
    extents = {board: extent for board, extent in waiting.extents().items() if board in taken.boards}
    if not extents:
        return {}
    nodes = {node.id: node for node in await all_nodes(engine)}
    kept = {}
    async with open_measurements(settings, PATIENCE_S) as store:
        with _bar() as progress:
            for board, extent in extents.items():
                found = progress.track(waiting.of(board), extent.points, description=f"Guardando {board}")
                kept[board] = await keep(engine, store, nodes[taken.boards[board]], found)
    return kept


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=out)


def _told(task: Task, outcome: Outcome, waiting: Spool) -> Iterator[str]:
    zone = ZoneInfo(task.zone)
    taken, kept = outcome.taken, outcome.kept
    yield from report.people(taken, dry=task.dry)
    yield from report.coming(waiting.extents(), zone) if task.dry else report.came(kept, zone)
    yield from report.refusals([*outcome.original.told, *taken.told, *report.left(outcome.seen, kept)])
    if task.dry:
        yield "Es un ensayo (--dry-run): no se cambió nada."
    elif not any((*(c.new for c in taken.counts.values()), *(k.new for k in kept.values()))):
        yield UNCHANGED
