"""What the pages work with, handed over by whoever serves them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from quart import current_app
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.settings import Settings
from enertrack.stores.measurements.protocol import Measurements
from enertrack.web.limiter import Limiter
from enertrack.web.live import Live
from enertrack.web.recent import Recent

EXTENSION = "enertrack"


def unix_now() -> int:
    """The clock of the pages, Unix seconds."""
    return int(time.time())


@dataclass(frozen=True)
class Services:
    """The stores, the live values and the clock; none of them is owned by the application."""

    settings: Settings
    engine: AsyncEngine
    measurements: Measurements
    live: Live
    guesses: Limiter
    now: Callable[[], int] = unix_now
    recent: Recent = field(default_factory=Recent)


def services() -> Services:
    """Those of the application that answers the present request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
