"""Disk, memory and backups of this host."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from enertrack.doctor.finding import Place, failure, minute, not_here, warning, well
from enertrack.domain.examination import Finding
from enertrack.domain.text import Text
from enertrack.domain.text import text as _

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
    told = _("%(place)s: %(share)s libre (%(room)s GB)", place=path, share=f"{free:.0%}", room=f"{gigabytes:.1f}")
    if inodes < free:
        told = _("%(place)s: quedan %(share)s de los archivos posibles", place=path, share=f"{inodes:.0%}")
    mend = _("`du -xh --max-depth=2 %(place)s | sort -h | tail -20`; agrande el disco o quite lo que sobra", place=path)
    least = min(free, inodes)
    if least < FAILURE_FREE:
        return failure(told, _("cuando se llene no se guardará nada"), mend)
    if least < WARNING_FREE:
        return warning(told, _("se llenará"), mend)
    return well(told)


async def memory(place: Place) -> list[Finding]:
    """Memory that programs can still get."""
    try:
        lines = (place.proc / "meminfo").read_text().splitlines()
    except OSError:
        return [not_here(_("este proceso no puede verla"))]
    amounts = {name: int(rest.split()[0]) * 1024 for name, rest in (line.split(":", 1) for line in lines)}
    free = amounts["MemAvailable"] / amounts["MemTotal"]
    whole = f"{amounts['MemTotal'] / 1e9:.1f}"
    told = _("%(share)s disponible de %(whole)s GB", share=f"{free:.0%}", whole=whole)
    if free < FAILURE_FREE:
        mend = _("`systemd-cgtop -m` dice quién la usa; agregue memoria o swap")
        return [warning(told, _("el sistema puede matar un servicio"), mend)]
    return [well(told)]


class Report(msgspec.Struct, frozen=True):
    """What the last backup or rehearsal wrote of itself."""

    momento: datetime
    resultado: str
    detalle: str = ""
    texto: Text | None = None


async def backup(place: Place) -> list[Finding]:
    """The last backup went well and is not old."""
    return list(_report(place, "backup", _("copia"), BACKUP_WARNING, BACKUP_FAILURE))


async def rehearsal(place: Place) -> list[Finding]:
    """The last backup that was restored for a trial was whole."""
    return list(_report(place, "rehearsal", _("prueba de restauración"), REHEARSAL_WARNING, REHEARSAL_FAILURE))


def _report(place: Place, name: str, what: Text, late: timedelta, too_late: timedelta) -> Iterator[Finding]:
    unit = f"enertrack-{name}.service"
    if not place.has(unit):
        yield not_here(_("las copias no se hacen en este equipo"))
        return
    try:
        report = msgspec.json.decode((place.state / f"enertrack-backup/{name}.json").read_bytes(), type=Report)
    except FileNotFoundError:
        yield warning(
            _("todavía no hubo ninguna %(what)s", what=what),
            _("la hace sola su temporizador"),
            _("ahora: `systemctl start %(unit)s`", unit=unit),
        )
        return
    age = place.now - report.momento.astimezone(UTC)
    last = _("última %(what)s: %(moment)s UTC", what=what, moment=minute(report.momento))
    detail = report.texto or report.detalle
    means = _("si hoy se pierde el servidor, se pierde lo medido desde la última buena")
    mend = _("`journalctl -u %(unit)s -n 50` dice por qué; después, `systemctl start %(unit)s`", unit=unit)
    if report.resultado != "bien":
        yield failure(_("%(last)s, falló: %(detail)s", last=last, detail=detail), means, mend)
    elif age > too_late:
        yield failure(_("%(last)s, demasiado vieja", last=last), means, mend)
    elif age > late:
        yield warning(_("%(last)s, atrasada", last=last), means, mend)
    else:
        yield well(
            _("%(last)s, bien: %(detail)s", last=last, detail=detail) if detail else _("%(last)s, bien", last=last)
        )
