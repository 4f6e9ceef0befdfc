"""``enertrack demo``: stores, broker, meters, ingest and pages in one process, with invented history."""

import asyncio
import contextlib
import ipaddress
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec
from pydantic import SecretStr
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.demo import neighbours
from enertrack.demo.console import out
from enertrack.demo.fleet import instrument, work
from enertrack.demo.history import DAYS, fill, first_second, invent, newest
from enertrack.demo.office import doctor, move_in
from enertrack.demo.residents import Resident, settle
from enertrack.domain.reading import Reading
from enertrack.ingest.service import ingest
from enertrack.settings import Settings, SettingsError
from enertrack.stores import states
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import Measurements
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import Delivery, record_deliveries
from enertrack.supervise import THINGS, Health, together, until_told
from enertrack.web.app import create_app
from enertrack.web.limiter import Limiter
from enertrack.web.live import Live
from enertrack.web.process import at, listen, serve
from enertrack.web.services import Services

LOOPBACK = "127.0.0.1"
PASSWORD = "demo"  # noqa: S105 - known to all, and therefore for this machine alone
KEY = "clave_de_cookies"
OWNER_ONLY = 0o077
LOOK_S = 0.05


class Options(msgspec.Struct, frozen=True):
    """Where the pages listen, how many days of history there are, and the broker's port (0: a free one)."""

    host: str = LOOPBACK
    days: int = DAYS
    mqtt_port: int = 0


def main(settings: Settings, options: Options) -> None:
    """Run the demo until it is told to stop. Raises SettingsError."""
    if settings.enertrack_modo == "produccion":
        raise SettingsError(["ENERTRACK_MODO=produccion: no tiene modo demo: quítela, o ejecute `enertrack web`"])
    _refuse_taken_port(options.host, settings.port, "PORT", "PORT=8007 enertrack demo")
    _refuse_taken_port(LOOPBACK, options.mqtt_port, "--mqtt-port", "enertrack demo --mqtt-port 1884")
    settings = _embedded(settings)
    os.umask(OWNER_ONLY)  # passwords' hashes and the cookies' key are kept there
    settings.enertrack_datos.mkdir(parents=True, exist_ok=True)
    asyncio.run(until_told(_run(settings, options)))


def _embedded(settings: Settings) -> Settings:
    """The settings without any server, whatever is configured: who says demo means demo."""
    servers = [name for name in Settings.model_fields if name.startswith(("mysql_", "influx_", "mqtt_"))]
    own = ["dominio", "enertrack_mysql_socket", "enertrack_mqtt_ca", "enertrack_mqtt_usuario", "enertrack_mqtt_clave"]
    plain = {"enertrack_mqtt_tls": False, "enertrack_ingesta_compartida": False, "enertrack_proxy": False}
    return settings.model_copy(update=dict.fromkeys([*servers, *own]) | plain | {"enertrack_registro": "cerrado"})


def _refuse_taken_port(host: str, port: int, name: str, other: str) -> None:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as e:
        mistake = f"{name}={port}: no se puede escuchar en {host}:{port} ({e.strerror}): "
        raise SettingsError([mistake + f"cierre el programa que lo usa, o elija otro: {other}"]) from e


async def _run(settings: Settings, options: Options) -> None:
    await upgrade(settings.database_url)
    async with _broker(options.mqtt_port) as mqtt_port, _stores(settings) as (engine, store):
        own = {"enertrack_mqtt_host": LOOPBACK, "enertrack_mqtt_puerto": mqtt_port}
        settings = settings.model_copy(
            update=own | {"flask_secret_key": settings.flask_secret_key or await _key(engine)}
        )
        password = PASSWORD if _is_loopback(options.host) else secrets.token_urlsafe(12)
        residents = await settle(engine, password, settings.zone)
        await neighbours.gather(engine, residents)
        await move_in(engine)
        last = await _invent(engine, store, residents, options.days)
        health = Health(THINGS)
        live = Live(settings, time.time)
        app = create_app(Services(settings, engine, store, live, Limiter()), demo=True)
        await together(
            serve(app, live, at(options.host, settings.port)),
            listen(live, health),
            ingest(settings, health=health, store=store, engine=engine),
            doctor(settings.enertrack_datos),
            *(_measure(settings, resident, reading) for resident, reading in zip(residents, last, strict=True)),
            _announce(options.host, settings.port, mqtt_port, password),
        )


@contextlib.asynccontextmanager
async def _broker(port: int) -> AsyncIterator[int]:
    try:
        from enertrack.demo.broker import embedded_broker  # noqa: PLC0415 - an extra that may be missing
    except ModuleNotFoundError as e:
        sys.exit(f"falta {e.name}: instale EnerTrack con su extra demo: pip install 'enertrack[demo]'")
    async with embedded_broker(port) as bound:
        yield bound


@contextlib.asynccontextmanager
async def _stores(settings: Settings) -> AsyncIterator[tuple[AsyncEngine, Measurements]]:
    engine = create_engine(settings)
    try:
        async with open_measurements(settings) as store:
            yield engine, store
    finally:
        await engine.dispose()


async def _key(engine: AsyncEngine) -> SecretStr:
    """What signs the cookies: drawn once, so that who has signed in stays so when the demo starts again."""
    kept = await states.get(engine, KEY)
    if kept is None:
        kept = secrets.token_urlsafe(32)
        await states.put(engine, KEY, kept)
    return SecretStr(kept)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _invent(engine: AsyncEngine, store: Measurements, residents: Sequence[Resident], days: int) -> list[Reading]:
    """Write the history that is missing; returns the newest reading of each."""
    now = int(time.time())
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        last = await asyncio.gather(*(_invent_one(store, r, now, days, progress) for r in residents))
    moment = datetime.fromtimestamp(now, UTC)
    deliveries = [
        Delivery(resident.node.id, datetime.fromtimestamp(reading.t, UTC), moment)
        for resident, reading in zip(residents, last, strict=True)
    ]
    await record_deliveries(engine, deliveries)
    return list(last)


async def _invent_one(store: Measurements, resident: Resident, now: int, days: int, progress: Progress) -> Reading:
    last = await newest(store, resident.node.id)
    begin = first_second(resident.site, now, days)
    since = last.t if last else begin
    bar = progress.add_task(f"Historia de {resident.node.nombre}", total=max(1, now - since))
    async for reading in fill(store, resident.node, invent(resident.site, last, begin, now)):
        last = reading
        progress.update(bar, completed=last.t - since)
    progress.update(bar, completed=max(1, now - since))
    assert last is not None
    return last


async def _measure(settings: Settings, resident: Resident, last: Reading) -> None:
    meter = instrument(resident.node.esp_id, resident.site, (last.seq or 0) + 1)
    await work(meter, settings, last=last)


async def _announce(host: str, port: int, mqtt_port: int, password: str) -> None:
    """Print the address once it answers; never ends."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            break
        await asyncio.sleep(LOOK_S)
    shown = f"[{host}]" if ":" in host else host
    out.print(f"EnerTrack (demo) está en http://{shown}:{port}   usuario: demo   contraseña: {password}")
    out.print(f"Broker MQTT de la demo: {LOOPBACK}:{mqtt_port}   Para terminar: Ctrl-C")
    await asyncio.Event().wait()
