"""What the commands that send readings share: where to, and how they show it."""

from pathlib import Path
from typing import Final

import msgspec
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from enertrack.settings import Settings, SettingsError

out: Final = Console(soft_wrap=True, highlight=False)


class Destination(msgspec.Struct, frozen=True):
    """A broker told on the command line: ``host:port``, its account, TLS and the file of its authority."""

    broker: str | None = None
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca: Path | None = None


def towards(settings: Settings, to: Destination) -> Settings:
    """The settings, with the broker that was told instead. Raises ``SettingsError`` where there is none."""
    told: dict[str, object] = {}
    if to.broker:
        host, port = _split(to.broker)
        told |= {"enertrack_mqtt_host": host, "enertrack_mqtt_puerto": port, "enertrack_mqtt_tls": to.tls}
    elif not (settings.enertrack_mqtt_host or settings.dominio):
        raise SettingsError(["--broker: falta: indique dirección:puerto, o defina ENERTRACK_MQTT_HOST"])
    if to.ca:
        told |= {"enertrack_mqtt_tls": True, "enertrack_mqtt_ca": _file(to.ca)}
    if to.user:
        told |= {"enertrack_mqtt_usuario": to.user, "enertrack_mqtt_clave": SecretStr(to.password or "")}
    return settings.model_copy(update=told)


def _split(broker: str) -> tuple[str, int | None]:
    host, colon, port = broker.rpartition(":")
    if not colon:
        return broker, None
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise SettingsError([f"--broker: debe ser dirección:puerto, como 127.0.0.1:1883 (se leyó {broker[:80]!a})"])
    return host, int(port)


def _file(path: Path) -> Path:
    if not path.is_file():
        raise SettingsError([f"--ca: el archivo no existe o no se puede leer: {path}"])
    return path


def bar() -> Progress:
    """A progress bar with counts and the time that is left."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=out
    )
