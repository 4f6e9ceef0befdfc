"""Disk, memory and backups of this host."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from enertrack.doctor.finding import Place, failure, not_here, warning, well
from enertrack.domain.examination import Finding

WARNING_FREE: Final = 0.20
FAILURE_FREE: Final = 0.10
BACKUP_WARNING: Final = timedelta(hours=26)
BACKUP_FAILURE: Final = timedelta(hours=50)
REHEARSAL_WARNING: Final = timedelta(days=8)
REHEARSAL_FAILURE: Final = timedelta(days=15)


async def disk(place: Place) -> list[Finding]:
    """Room for data and for files, on each file system that holds some."""
    there = [path for path in (*place.data, place.settings.enertrack_datos) if path.exists()]
    folders = {path.stat().st_dev: path for path in reversed(there)}
    return [_room(path) for path in sorted(folders.values())]


def _room(path: Path) -> Finding:
    usage, files = shutil.disk_usage(path), os.statvfs(path)
    inodes = files.f_favail / files.f_files if files.f_files else 1.0
    return room(path, usage.free / usage.total, inodes, usage.free / 1e9)


def room(path: Path, free: float, inodes: float, gigabytes: float) -> Finding:
    """What is to be said of the shares that are free of a file system's room and of its files."""
    told = f"{path}: {free:.0%} libre ({gigabytes:.1f} GB)"
    if inodes < free:
        told = f"{path}: quedan {inodes:.0%} de los archivos posibles"
    mend = f"`du -xh --max-depth=2 {path} | sort -h | tail -20`; agrande el disco o quite lo que sobra"
    least = min(free, inodes)
    if least < FAILURE_FREE:
        return failure(told, "cuando se llene no se guardará nada", mend)
    if least < WARNING_FREE:
        return warning(told, "se llenará", mend)
    return well(told)


async def memory(place: Place) -> list[Finding]:
    """Memory that programs can still get."""
    try:
        lines = (place.proc / "meminfo").read_text().splitlines()
    except OSError:
        return [not_here("este proceso no puede verla")]
    amounts = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    free = amounts["MemAvailable"] / amounts["MemTotal"]
    told = f"{free:.0%} disponible de {amounts['MemTotal'] / 1e9:.1f} GB"
    if free < FAILURE_FREE:
        mend = "`systemd-cgtop -m` dice quién la usa; agregue memoria o swap"
        return [warning(told, "el sistema puede matar un servicio", mend)]
    return [well(told)]


class Report(msgspec.Struct, frozen=True):
    """What the last backup or rehearsal wrote of itself."""

    momento: datetime
    resultado: str
    detalle: str = ""


async def backup(place: Place) -> list[Finding]:
    """The last backup went well and is not old."""
    return list(_report(place, "backup", "copia", BACKUP_WARNING, BACKUP_FAILURE))


async def rehearsal(place: Place) -> list[Finding]:
    """The last backup that was restored for a trial was whole."""
    return list(_report(place, "rehearsal", "prueba de restauración", REHEARSAL_WARNING, REHEARSAL_FAILURE))


def _report(place: Place, name: str, what: str, late: timedelta, too_late: timedelta) -> Iterator[Finding]:
    unit = f"enertrack-{name}.service"
    if not place.has(unit):
        yield not_here("las copias no se hacen en este equipo")
        return
    try:
        report = msgspec.json.decode((place.state / f"enertrack-backup/{name}.json").read_bytes(), type=Report)
    except FileNotFoundError:
        yield warning(
            f"todavía no hubo ninguna {what}", "la hace sola su temporizador", f"ahora: `systemctl start {unit}`"
        )
        return
    age = place.now - report.momento.astimezone(UTC)
    told = f"última {what}: {report.momento:%Y-%m-%d %H:%M} UTC"
    means = "si hoy se pierde el servidor, se pierde lo medido desde la última buena"
    mend = f"`journalctl -u {unit} -n 50` dice por qué; después, `systemctl start {unit}`"
    if report.resultado != "bien":
        yield failure(f"{told}, falló: {report.detalle}", means, mend)
    elif age > too_late:
        yield failure(f"{told}, demasiado vieja", means, mend)
    elif age > late:
        yield warning(f"{told}, atrasada", means, mend)
    else:
        yield well(f"{told}, bien. {report.detalle}".strip())
