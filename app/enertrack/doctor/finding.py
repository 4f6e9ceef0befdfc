"""How findings are made, and what an installation looks like to the checks."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from enertrack.domain.examination import Finding, State
from enertrack.settings import Settings

LOOPBACK: Final = "127.0.0.1"
HTTP: Final = 80


def well(found: str) -> Finding:
    """Nothing to do."""
    return Finding(State.WELL, found)


def warning(found: str, means: str, mend: str) -> Finding:
    """Works, but will not for ever."""
    return Finding(State.WARNING, found, means, mend)


def failure(found: str, means: str, mend: str) -> Finding:
    """Does not work."""
    return Finding(State.FAILURE, found, means, mend)


def not_here(why: str) -> Finding:
    """What the check looks at is no part of this host."""
    return Finding(State.NOT_HERE, why)


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
