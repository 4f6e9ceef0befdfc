"""``enertrack web``: the pages in a process of their own, behind a proxy that speaks https."""

import asyncio
import contextlib
import gc
import logging
import os
import time

import hypercorn.asyncio
from hypercorn.config import Config, Sockets
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
LAST_REQUESTS_S = 0.2
"""Whoever was let in is heard before connections that say nothing are closed."""
BACKLOG = 1024
"""Who comes while we restart waits in the socket."""
PART = "valores en vivo"
HANDED_OVER = 3
"""Where systemd leaves the socket that it listens on for us (sd_listen_fds(3))."""

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
            gc.freeze()  # what lasts as long as the process is not looked through whenever a page reads many rows
            await together(
                serve(app, live, handed_over() or at("127.0.0.1", settings.port)),
                listen(live, health),
                watch(engine, measurements, health),
                watchdog(health),
            )
    finally:
        await engine.dispose()


async def listen(live: Live, health: Health) -> None:
    """Hear the meters for ever, again after each time that the broker was away."""
    await supervise(PART, lambda: live.listen(lambda: health.well(PART)), health)


def at(host: str, port: int) -> str:
    """The address of a port, as Hypercorn writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def handed_over() -> str | None:
    """The socket that systemd listens on for this process, where there is one: it keeps who comes while we restart."""
    given = os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0"
    return f"fd://{HANDED_OVER}" if given else None


async def serve(app: Quart, live: Live, address: str) -> None:
    """Answer requests until cancelled; then those under way may end and streams are closed."""
    stop, listening = asyncio.Event(), Listening(address)
    serving = asyncio.ensure_future(_hypercorn(app, listening, stop))
    log.event(_log, logging.INFO, "páginas en marcha", direccion=address if "//" in address else f"http://{address}")
    try:
        await asyncio.shield(serving)
    finally:
        if not serving.done():
            listening.let_nobody_in()
        live.close()
        await asyncio.wait([serving], timeout=LAST_REQUESTS_S)
        stop.set()
        await asyncio.wait([serving], timeout=GRACE_S + 1)
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


class Listening(Config):
    """How Hypercorn serves here; who comes after ``let_nobody_in`` waits in the socket for the next process."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.bind = [address]
        self.accesslog = None
        self.errorlog = logging.getLogger("hypercorn.error")
        self.include_server_header = False
        self.graceful_timeout = GRACE_S
        self.backlog = BACKLOG
        self.opened: list[int] = []

    def create_sockets(self) -> Sockets:
        """Hypercorn's, remembered."""
        sockets = super().create_sockets()
        self.opened = [s.fileno() for s in sockets.insecure_sockets]
        return sockets

    def let_nobody_in(self) -> None:
        """Accept no further connection."""
        for number in self.opened:
            asyncio.get_running_loop().remove_reader(number)


async def _hypercorn(app: Quart, config: Config, stop: asyncio.Event) -> None:
    settings: Settings = app.extensions["enertrack"].settings
    served = ProxyFixMiddleware(app, mode="legacy", trusted_hops=1) if settings.enertrack_proxy else app
    try:
        await hypercorn.asyncio.serve(served, config, shutdown_trigger=stop.wait)
    except OSError as error:
        raise SettingsError([f"PORT: no se puede escuchar en {config.bind[0]} ({error.strerror}): use otro"]) from error
