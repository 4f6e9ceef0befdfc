"""``enertrack web``: the pages in a process of their own, behind a proxy that speaks https."""

import asyncio
import contextlib
import logging
import time

import hypercorn.asyncio
from hypercorn.config import Config
from hypercorn.middleware import ProxyFixMiddleware
from quart import Quart

from enertrack import log
from enertrack.settings import Settings, SettingsError
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.supervise import THINGS, Health, supervise, together, until_told, watchdog
from enertrack.web.app import create_app
from enertrack.web.limiter import Limiter
from enertrack.web.live import Live
from enertrack.web.services import Services
from enertrack.web.watch import watch

GRACE_S = 3.0
PATIENCE_S = 3.0
"""Somebody waits for the page: sooner than ingest, it shows what it has without InfluxDB."""
PART = "valores en vivo"

_log = logging.getLogger(__name__)


def main(settings: Settings) -> None:
    """Serve until told to stop. Raises SettingsError where it would not be safe to."""
    _refuse_unsafe(settings)
    asyncio.run(until_told(_run(settings)))


def _refuse_unsafe(settings: Settings) -> None:
    mistakes = []
    if not settings.enertrack_proxy:
        mistakes.append(
            "ENERTRACK_PROXY: falta: las páginas solo se sirven detrás de un proxy con https;"
            " póngalo delante y defina ENERTRACK_PROXY=1 (o pruebe con `enertrack demo`)"
        )
    if settings.flask_secret_key is None:
        mistakes.append("FLASK_SECRET_KEY: falta: genere una con `openssl rand -base64 32`")
    if mistakes:
        raise SettingsError(mistakes)


async def _run(settings: Settings) -> None:
    engine = create_engine(settings)
    try:
        async with open_measurements(settings, PATIENCE_S) as measurements:
            live = Live(settings, time.time)
            app = create_app(Services(settings, engine, measurements, live, Limiter()))
            health = Health(THINGS)
            await together(
                serve(app, live, "127.0.0.1", settings.port),
                listen(live, health),
                watch(engine, measurements, health),
                watchdog(health),
            )
    finally:
        await engine.dispose()


async def listen(live: Live, health: Health) -> None:
    """Hear the meters for ever, again after each time that the broker was away."""
    await supervise(PART, lambda: live.listen(lambda: health.well(PART)), health)


async def serve(app: Quart, live: Live, host: str, port: int) -> None:
    """Answer requests until cancelled; then those under way may end and streams are closed."""
    stop = asyncio.Event()
    serving = asyncio.ensure_future(_hypercorn(app, _config(host, port), stop))
    log.event(_log, logging.INFO, "páginas en marcha", direccion=f"http://{host}:{port}")
    try:
        await asyncio.shield(serving)
    finally:
        live.close()
        stop.set()
        await asyncio.wait([serving], timeout=GRACE_S + 1)
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _hypercorn(app: Quart, config: Config, stop: asyncio.Event) -> None:
    settings: Settings = app.extensions["enertrack"].settings
    served = ProxyFixMiddleware(app, mode="legacy", trusted_hops=1) if settings.enertrack_proxy else app
    try:
        await hypercorn.asyncio.serve(served, config, shutdown_trigger=stop.wait)
    except OSError as error:
        raise SettingsError([f"PORT: no se puede escuchar en {config.bind[0]} ({error.strerror}): use otro"]) from error


def _config(host: str, port: int) -> Config:
    config = Config()
    config.bind = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.include_server_header = False
    config.graceful_timeout = GRACE_S
    return config
