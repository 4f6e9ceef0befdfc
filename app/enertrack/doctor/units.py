"""What systemd says: services, the clock."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from enertrack.doctor.finding import Place, failure, not_here, warning, well
from enertrack.doctor.programs import answer
from enertrack.domain.examination import Finding
from enertrack.domain.text import text as _

OWN: Final = "enertrack*"
OTHERS: Final = ("mosquitto.service", "mariadb.service", "influxdb.service", "nginx.service", "nftables.service")
GUARDS: Final = ("fail2ban.service", "certbot.timer")
PHP: Final = "php*-fpm.service.d/enertrack.conf"
STATES: Final = {
    "": _("sin estado"),
    "inactive": _("detenido"),
    "failed": _("caído"),
    "activating": _("arrancando"),
    "deactivating": _("deteniéndose"),
}
RESTARTS: Final = 5
SPEED_S: Final = 1.0
OFFSET: Final = 4
"""Where ``chronyc -c tracking`` tells the seconds that the clock is off."""


async def services(place: Place) -> list[Finding]:
    """Every unit of this installation that this host has is active, and no other has failed."""
    if not _systemd(place):
        return [not_here(_("este equipo no usa systemd"))]
    if not place.has("enertrack.target"):
        return [not_here(_("EnerTrack no está instalado como servicio en este equipo"))]
    wanted = list(_wanted(place))
    shown = await answer("systemctl", "show", "--property=Id,ActiveState,NRestarts", *wanted)
    found = [finding for block in shown.strip().split("\n\n") for finding in _unit(_fields(block))]
    listed = await answer("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    failed = [line.split()[0] for line in listed.splitlines() if line.strip()]
    found += [_failed(unit) for unit in failed if unit not in wanted]
    return found or [well(_("%(count)s unidades activas", count=len(wanted)))]


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
        mend = _("`systemctl restart %(unit)s`; si vuelve a caer, `journalctl -u %(unit)s -n 50`", unit=name)
        told = _("%(unit)s está %(state)s", unit=name, state=STATES.get(state, state))
        yield failure(told, _("lo que hace no se hace"), mend)
    elif int(fields.get("NRestarts") or 0) > RESTARTS:
        yield warning(
            _("%(unit)s se reinició %(times)s veces desde que arrancó", unit=name, times=fields["NRestarts"]),
            _("algo la hace caer"),
            _(
                "`journalctl -u %(unit)s -p warning`; la cuenta vuelve a cero con `systemctl restart %(unit)s`",
                unit=name,
            ),
        )


def _failed(unit: str) -> Finding:
    """One that failed: a work of ours, which is told as such, or a program that EnerTrack knows nothing of."""
    told = _("%(unit)s falló", unit=unit)
    mend = _("`journalctl -u %(unit)s -n 50` dice por qué; arreglado, `systemctl restart %(unit)s`", unit=unit)
    if unit.startswith("enertrack"):
        return failure(told, _("lo que hace no se hizo"), mend)
    return warning(told, _("no es de EnerTrack, pero algo de este equipo no funciona"), mend)


async def clock(place: Place) -> list[Finding]:
    """The clock is kept by the network's time; in a container that is its host's work."""
    if not _systemd(place):
        return [not_here(_("este equipo no usa systemd"))]
    if (place.run / "systemd/container").exists():
        return [well(_("es el del equipo anfitrión"))]
    off = await _seconds_off()
    means = _("con la hora mal no entran los medidores ni valen los certificados")
    if off is not None and off > SPEED_S:
        told = _("el reloj está corrido %(seconds)s s", seconds=f"{off:.1f}")
        return [failure(told, means, _("`chronyc makestep` lo pone en hora"))]
    synchronized = (await answer("timedatectl", "show", "--property=NTPSynchronized", "--value")).strip()
    if synchronized != "yes":
        mend = _("`systemctl restart chrony` y `chronyc sources`: el puerto 123 de UDP debe poder salir")
        return [warning(_("el reloj no está sincronizado y se irá corriendo"), means, mend)]
    if off is None:
        return [well(_("sincronizado"))]
    return [well(_("sincronizado, a %(off)s ms", off=f"{off * 1000:.1f}"))]


async def _seconds_off() -> float | None:
    """How far the clock is from the network's, as chrony tells root; None to anybody else."""
    with suppress(FileNotFoundError, ValueError, IndexError):
        return abs(float((await answer("chronyc", "-c", "tracking")).split(",")[OFFSET]))
    return None


def _systemd(place: Place) -> bool:
    return (place.run / "systemd/system").exists()
