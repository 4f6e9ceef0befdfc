"""``/admin``: what works and what does not, as the doctor saw it last and as the pages see it now."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from quart import Blueprint, render_template
from quart.typing import ResponseReturnValue

from enertrack.domain.examination import Examination, Finding, State
from enertrack.settings import Settings
from enertrack.stores import directory, examination
from enertrack.web import audit
from enertrack.web.admin.access import only_administrators
from enertrack.web.health import answering
from enertrack.web.i18n import gettext as _
from enertrack.web.services import services

STALE: Final = timedelta(minutes=45)
"""The doctor comes each quarter of an hour."""
LEAST_FREE: Final = 0.1
KEPT: Final = ("respaldo", "ensayo")
"""The checks that are about copies, shown apart."""

blueprint = Blueprint("admin", __name__)
only_administrators(blueprint)


class Row(msgspec.Struct, frozen=True):
    """A finding with the check that made it."""

    name: str
    finding: Finding


class Now(msgspec.Struct, frozen=True):
    """What the pages' own process sees: a server behind it, and what it means where that does not answer."""

    name: str
    well: bool
    means: str = ""
    mend: str = ""


@blueprint.get("/admin")
async def page() -> ResponseReturnValue:
    """The state of all."""
    found = examination.kept(kept_at(services().settings))
    rows = sorted(_rows(found), key=lambda row: list(State).index(row.finding.estado))
    ills = [row for row in rows if row.finding.estado in {State.FAILURE, State.WARNING}]
    return await render_template(
        "admin/overview.html",
        found=found,
        stale=found is not None and audit.present() - found.momento > STALE,
        ills=ills,
        others=[row for row in rows if row not in ills and row.name not in KEPT],
        copies=[row for row in rows if row.name in KEPT],
        titles=titles(),
        now=[*await _servers(), _disk(services().settings.enertrack_datos)],
        counts=await directory.counts(services().engine),
        version=version("enertrack"),
        zone=services().settings.zone,
    )


def kept_at(settings: Settings) -> Path:
    """Where the newest examination is: the demo keeps its own."""
    return settings.enertrack_datos / examination.FILE.name if settings.embedded else examination.FILE


def titles() -> dict[str, str]:
    """The doctor's checks by their names for people."""
    return {
        "nombres": _("Nombre público"),
        "puertos": _("Puertos"),
        "certificados": _("Certificados"),
        "servicios": _("Servicios"),
        "broker": _("Broker"),
        "tablas": _("Base de datos"),
        "mediciones": _("Mediciones"),
        "resumenes": _("Resúmenes"),
        "medidores": _("Medidores"),
        "paginas": _("Páginas"),
        "ingesta": _("Ingesta"),
        "disco": _("Disco"),
        "memoria": _("Memoria"),
        "reloj": _("Reloj"),
        "respaldo": _("Copia de respaldo"),
        "ensayo": _("Prueba de restauración"),
    }


def _rows(found: Examination | None) -> Iterator[Row]:
    for name, findings in found.controles.items() if found else ():
        yield from (Row(name, finding) for finding in findings)


async def _servers() -> list[Now]:
    known = {
        "tablas": (_("Base de datos"), _("Nadie puede entrar a las páginas."), "systemctl restart mariadb"),
        "mediciones": (
            _("Mediciones"),
            _("Faltan energías e historias; nada se pierde."),
            "systemctl restart influxdb",
        ),
        "broker": (_("Broker"), _("No llegan valores en vivo."), "systemctl restart mosquitto"),
    }
    answers = await answering()
    return [Now(name, answers[key], means, mend) for key, (name, means, mend) in known.items()]


def _disk(folder: Path) -> Now:
    """Room where the pages' process may look; the doctor looks at every disk."""
    usage = shutil.disk_usage(next(place for place in (folder, Path("/")) if place.exists()))
    free = usage.free / usage.total
    told = _("Disco: %(share)s %% libre", share=round(free * 100))
    return Now(told, free >= LEAST_FREE, _("Cuando se llene no se guardará nada."), "df -h")
