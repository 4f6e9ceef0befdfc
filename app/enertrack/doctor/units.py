"""What systemd says: services, the clock."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from enertrack.doctor.finding import Place, failure, not_here, warning, well
from enertrack.doctor.programs import answer
from enertrack.domain.examination import Finding

OWN: Final = "enertrack*"
OTHERS: Final = ("mosquitto.service", "mariadb.service", "influxdb.service", "nginx.service", "nftables.service")
GUARDS: Final = ("fail2ban.service", "certbot.timer")
PHP: Final = "php*-fpm.service.d/enertrack.conf"
STATES: Final = {
    "": "sin estado",
    "inactive": "detenido",
    "failed": "caído",
    "activating": "arrancando",
    "deactivating": "deteniéndose",
}
RESTARTS: Final = 5
SPEED_S: Final = 1.0
OFFSET: Final = 4
"""Where ``chronyc -c tracking`` tells the seconds that the clock is off."""


async def services(place: Place) -> list[Finding]:
    """Every unit of this installation that this host has is active, and no other has failed."""
    if not _systemd(place):
        return [not_here("este equipo no usa systemd")]
    if not place.has("enertrack.target"):
        return [not_here("EnerTrack no está instalado como servicio en este equipo")]
    wanted = list(_wanted(place))
    shown = await answer("systemctl", "show", "--property=Id,ActiveState,NRestarts", *wanted)
    found = [finding for block in shown.strip().split("\n\n") for finding in _unit(_fields(block))]
    listed = await answer("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    failed = [line.split()[0] for line in listed.splitlines() if line.strip()]
    found += [_failed(unit) for unit in failed if unit not in wanted]
    return found or [well(f"{len(wanted)} unidades activas")]


def _wanted(place: Place) -> Iterator[str]:
    """Units that are to run: our own where they say that they start with the machine, and the servers'."""
    for unit in place.installed(OWN):
        if unit.is_file() and "\n[Install]\n" in unit.read_text():
            yield unit.name
    yield from (ours.parent.name.removesuffix(".d") for ours in place.installed(PHP))
    yield from (unit for unit in (*OTHERS, *GUARDS) if place.has(unit))


def _fields(block: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in block.splitlines())


def _unit(fields: dict[str, str]) -> Iterator[Finding]:
    name, state = fields.get("Id", ""), fields.get("ActiveState", "")
    if state != "active":
        start = f"`systemctl restart {name}`; si vuelve a caer, `journalctl -u {name} -n 50`"
        yield failure(f"{name} está {STATES.get(state, state)}", "lo que hace no se hace", start)
    elif int(fields.get("NRestarts") or 0) > RESTARTS:
        yield warning(
            f"{name} se reinició {fields['NRestarts']} veces desde que arrancó",
            "algo la hace caer",
            f"`journalctl -u {name} -p warning`; la cuenta vuelve a cero con `systemctl restart {name}`",
        )


def _failed(unit: str) -> Finding:
    """One that failed: a work of ours, which is told as such, or a program that EnerTrack knows nothing of."""
    mend = f"`journalctl -u {unit} -n 50` dice por qué; arreglado, `systemctl restart {unit}`"
    if unit.startswith("enertrack"):
        return failure(f"{unit} falló", "lo que hace no se hizo", mend)
    return warning(f"{unit} falló", "no es de EnerTrack, pero algo de este equipo no funciona", mend)


async def clock(place: Place) -> list[Finding]:
    """The clock is kept by the network's time; in a container that is its host's work."""
    if not _systemd(place):
        return [not_here("este equipo no usa systemd")]
    if (place.run / "systemd/container").exists():
        return [well("es el del equipo anfitrión")]
    off = await _seconds_off()
    means = "con la hora mal no entran los medidores ni valen los certificados"
    if off is not None and off > SPEED_S:
        return [failure(f"el reloj está corrido {off:.1f} s", means, "`chronyc makestep` lo pone en hora")]
    synchronized = (await answer("timedatectl", "show", "--property=NTPSynchronized", "--value")).strip()
    if synchronized != "yes":
        mend = "`systemctl restart chrony` y `chronyc sources`: el puerto 123 de UDP debe poder salir"
        return [warning("el reloj no está sincronizado y se irá corriendo", means, mend)]
    return [well("sincronizado" + ("" if off is None else f", a {off * 1000:.1f} ms"))]


async def _seconds_off() -> float | None:
    """How far the clock is from the network's, as chrony tells root; None to anybody else."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        return abs(float((await answer("chronyc", "-c", "tracking")).split(",")[OFFSET]))
    return None


def _systemd(place: Place) -> bool:
    return (place.run / "systemd/system").exists()
