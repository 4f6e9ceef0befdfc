"""How findings are made, and what an installation looks like to the checks."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import aiohttp

from enertrack.domain.examination import Finding, State, finding
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.settings import Settings

LOOPBACK: Final = "127.0.0.1"
HTTP: Final = 80


def well(found: Text) -> Finding:
    """Nothing to do."""
    return finding(State.WELL, found)


def warning(found: Text, means: Text, mend: Text) -> Finding:
    """Works, but will not for ever."""
    return finding(State.WARNING, found, means, mend)


def failure(found: Text, means: Text, mend: Text) -> Finding:
    """Does not work."""
    return finding(State.FAILURE, found, means, mend)


def not_here(why: Text) -> Finding:
    """What the check looks at is no part of this host."""
    return finding(State.NOT_HERE, why)


def minute(moment: datetime) -> str:
    """A moment as the findings tell it."""
    return f"{moment:%Y-%m-%d %H:%M}"


def unheard(error: Exception) -> Text | str:
    """Why something does not answer."""
    if isinstance(error, aiohttp.ClientConnectorError | ConnectionRefusedError | FileNotFoundError):
        return _("nadie escucha")
    return _("sin respuesta a tiempo") if isinstance(error, TimeoutError) or not str(error) else str(error)


@dataclass(frozen=True)
class Place:
    """The installation that is looked at; its paths are another's in tests."""

    settings: Settings
    now: datetime
    units: tuple[Path, ...] = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
    run: Path = Path("/run")
    proc: Path = Path("/proc")
    state: Path = Path("/var/lib")
    data: tuple[Path, ...] = tuple(
        Path(p) for p in ("/", "/var/lib/mysql", "/var/lib/influxdb", "/var/lib/mosquitto", "/var/backups/enertrack")
    )

    def has(self, unit: str) -> bool:
        """Whether a unit of systemd is installed on this host."""
        return any((folder / unit).exists() for folder in self.units)

    def installed(self, pattern: str) -> Iterator[Path]:
        """The files of the units whose names fit."""
        for folder in self.units:
            yield from sorted(folder.glob(pattern))

    @property
    def public(self) -> dict[int, str]:
        """The ports that this host opens to everybody, and which unit listens."""
        if not self.has("enertrack.target"):
            return {}
        pages = {HTTP: "nginx", self.settings.puerto: "nginx"} if self.has("enertrack-web.service") else {}
        return pages | ({self.settings.puerto_mqtts: "mosquitto"} if self.has("mosquitto.service") else {})


Check = Callable[[Place], Awaitable[list[Finding]]]
