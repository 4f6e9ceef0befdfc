"""What systemd says: services, the clock."""

from collections.abc import Iterator
from typing import Final

from enertrack.doctor.finding import Finding, Place, failure, not_here, warning, well
from enertrack.doctor.programs import answer

OURS: Final = ("enertrack.target", "enertrack-web.service", "enertrack-ingest.service")
TIMERS: Final = tuple(f"enertrack-{n}.timer" for n in ("backup", "rehearsal", "certificates", "reconcile", "duckdns"))
OTHERS: Final = ("mosquitto.service", "mariadb.service", "influxdb.service", "nginx.service", "nftables.service")
GUARDS: Final = ("fail2ban.service", "certbot.timer")
RESTARTS: Final = 5


async def services(place: Place) -> list[Finding]:
    """Every unit of this installation that this host has is active, and no other has failed."""
    if not _systemd(place):
        return [not_here("este equipo no usa systemd")]
    wanted = [u for u in (*OURS, *TIMERS, *OTHERS, *GUARDS) if place.has(u)]
    if "enertrack.target" not in wanted:
        return [not_here("EnerTrack no está instalado como servicio en este equipo")]
    shown = await answer("systemctl", "show", "--property=Id,ActiveState,NRestarts", *wanted)
    found = [finding for block in shown.strip().split("\n\n") for finding in _unit(_fields(block))]
    listed = await answer("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    failed = [line.split()[0] for line in listed.splitlines() if line.strip()]
    found += [_failed(unit) for unit in failed if unit not in wanted]
    return found or [well(f"{len(wanted)} unidades activas")]


def _fields(block: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in block.splitlines())


def _unit(fields: dict[str, str]) -> Iterator[Finding]:
    name, state = fields.get("Id", ""), fields.get("ActiveState", "")
    if state != "active":
        start = f"`systemctl restart {name}`; si vuelve a caer, `journalctl -u {name} -n 50`"
        yield failure(f"{name} está {state or 'sin estado'}", "lo que hace no se hace", start)
    elif int(fields.get("NRestarts") or 0) > RESTARTS:
        yield warning(
            f"{name} se reinició {fields['NRestarts']} veces desde que arrancó",
            "algo la hace caer",
            f"`journalctl -u {name} -p warning`; la cuenta vuelve a cero con `systemctl restart {name}`",
        )


def _failed(unit: str) -> Finding:
    return failure(f"{unit} falló", "lo que hace no se hizo", f"`systemctl status {unit}` dice por qué")


async def clock(place: Place) -> list[Finding]:
    """The clock is kept by the network's time; in a container that is its host's work."""
    if not _systemd(place):
        return [not_here("este equipo no usa systemd")]
    if (place.run / "systemd/container").exists():
        return [well("es el del equipo anfitrión")]
    synchronized = (await answer("timedatectl", "show", "--property=NTPSynchronized", "--value")).strip()
    if synchronized == "yes":
        return [well("sincronizado")]
    means = "los medidores y los certificados se rechazan si la hora está mal"
    return [failure("el reloj no está sincronizado", means, "`systemctl restart chrony` y `chronyc tracking`")]


def _systemd(place: Place) -> bool:
    return (place.run / "systemd/system").exists()
