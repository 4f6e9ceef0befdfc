"""Real readings of a table, sent as a meter would have sent them."""

import asyncio
import hashlib
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from enertrack.demo.console import Destination, bar, out, towards
from enertrack.demo.meter import ANSWER_S, Meter
from enertrack.demo.ring import Ring
from enertrack.demo.table import TableError, readings, rows
from enertrack.domain.reading import Reading
from enertrack.settings import Settings
from enertrack.stores.broker.client import BrokerSettings
from enertrack.stores.broker.topics import is_meter_id

PATIENCE_S: Final = 60.0


class Pace(msgspec.Struct, frozen=True):
    """How fast a table is sent: ``speed`` 0 is as fast as readings are confirmed, 1 as they were measured.

    ``answer_s`` is how long a message waits before it is sent again, ``patience_s`` how long nothing may
    be confirmed.
    """

    speed: float = 0.0
    answer_s: float = ANSWER_S
    patience_s: float = PATIENCE_S


class StalledError(Exception):
    """Nothing was confirmed for too long; says what is still waiting and the likely causes, in Spanish."""


class Outcome(msgspec.Struct, frozen=True):
    """How many readings were confirmed, and how many of these the server will never store."""

    confirmed: int
    refused: int


def read(path: Path, zone: ZoneInfo) -> list[Reading]:
    """Readings of a CSV table. Raises ``TableError``."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as e:
        message = f"no se puede leer {path}: {e.strerror}"
        raise TableError(message) from e
    except UnicodeDecodeError as e:
        message = f"{path} no es texto en UTF-8 (byte {e.start})"
        raise TableError(message) from e
    return list(readings(rows(io.StringIO(text, newline=""), zone)))


async def replay(
    given: Sequence[Reading],
    esp_id: str,
    settings: BrokerSettings,
    pace: Pace = Pace(),  # noqa: B008 - immutable
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Send ``given`` (in the order of time) as the meter ``esp_id``; ends when all is confirmed.

    Ring and numbers follow from the meter's id and the readings, so that doing it again changes nothing.
    ``progress`` hears how many are confirmed. Raises ``StalledError``.
    """
    meter = Meter(esp_id, Ring(_ring_of(esp_id, given), capacity=None), answer_s=pace.answer_s)
    # Beside the meter itself, but for the meter's own account: that lets in no other client id.
    client_id = "" if settings.enertrack_mqtt_usuario == esp_id else f"replay-{esp_id}"
    running = asyncio.create_task(meter.run(settings, client_id=client_id))
    feeding = asyncio.create_task(_feed(meter, given, pace.speed))
    try:
        while meter.confirmed < len(given):
            await meter.until(lambda: len(meter.ring) > 0)
            await _more(meter, len(given), pace.patience_s)
            progress(meter.confirmed)
    finally:
        feeding.cancel()
        running.cancel()
        await asyncio.gather(running, feeding, return_exceptions=True)
    return Outcome(meter.confirmed, meter.refused)


def _ring_of(esp_id: str, given: Sequence[Reading]) -> int:
    """A ring of its own for each meter and start of a table."""
    name = f"{esp_id} {given[0].t if given else 0}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


async def _feed(meter: Meter, given: Sequence[Reading], speed: float) -> None:
    if not speed:
        await meter.take(*given)
        return
    begin = time.monotonic()
    for reading in given:
        await asyncio.sleep((reading.t - given[0].t) / speed - (time.monotonic() - begin))
        await meter.take(reading)


async def _more(meter: Meter, total: int, patience_s: float) -> None:
    before = meter.confirmed
    try:
        async with asyncio.timeout(patience_s):
            await meter.until(lambda: meter.confirmed > before)
    except TimeoutError as e:
        raise StalledError(_why(meter, total, patience_s)) from e


def _why(meter: Meter, total: int, patience_s: float) -> str:
    head = f"sin confirmaciones por {patience_s:.0f} s: quedan {total - meter.confirmed} de {total} lecturas. "
    if not meter.connected:
        return head + "No hay conexión con el broker: revise dirección, usuario, clave y TLS."
    return head + (
        f"Causas probables: el medidor {meter.esp_id} no está dado de alta (enertrack node add), "
        "`enertrack ingest` no está en marcha, o no llega a MariaDB o InfluxDB (vea su registro)."
    )


class Task(msgspec.Struct, frozen=True):
    """What ``enertrack replay`` is asked: a table, its zone, the meter that sends it and how fast."""

    path: Path
    esp_id: str
    zone: str
    speed: float


def main(task: Task, settings: Settings, to: Destination) -> None:
    """``enertrack replay``: exits with 1 and a message where not all was stored."""
    settings = towards(settings, to)
    if not is_meter_id(task.esp_id):
        sys.exit(f"--node: {task.esp_id!a} no es un medidor: son 12 (u 8) cifras hexadecimales en mayúsculas")
    try:
        given = read(task.path, _zone(task.zone))
        outcome = asyncio.run(_shown(given, task, settings))
    except (TableError, StalledError) as e:
        sys.exit(str(e))
    except KeyboardInterrupt:
        sys.exit("interrumpido: lo que falta se envía al repetir la orden")
    if outcome.refused:
        sys.exit(
            f"el servidor rechazó {outcome.refused} de {outcome.confirmed} lecturas: "
            "¿más antiguas que ENERTRACK_EDAD_MAXIMA_DIAS? (0 = sin límite)"
        )
    out.print(f"{outcome.confirmed} lecturas guardadas.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        sys.exit(f"--zone: {name!a} no es una zona horaria de la IANA, como Europe/Paris")


async def _shown(given: Sequence[Reading], task: Task, settings: Settings) -> Outcome:
    with bar() as progress:
        line = progress.add_task(f"Enviando a {task.esp_id}", total=len(given))
        pace = Pace(speed=task.speed)
        return await replay(given, task.esp_id, settings, pace, lambda n: progress.update(line, completed=n))
