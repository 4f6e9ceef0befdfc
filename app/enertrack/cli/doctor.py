"""``enertrack doctor``."""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

if TYPE_CHECKING:
    from enertrack.domain.examination import Examination

_log = logging.getLogger(__name__)

app = typer.Typer(cls=Group, no_args_is_help=True)


@app.command(cls=Command)
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado como JSON.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CONTROL", help="Solo este control; puede repetirse.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="ARCHIVO", help="Guarda también el resultado, como JSON, en este archivo.")
    ] = None,
) -> None:
    """Revisa la instalación: qué funciona, qué no, qué significa y cómo se arregla.

    Termina con 0 si nada falla (puede haber avisos), con 1 si algo falla, con 2 si la configuración no sirve.

    Ejemplo: enertrack doctor --only certificados --only disco
    """
    log.setup("doctor")
    logging.getLogger().setLevel(logging.ERROR)  # what libraries complain about is told as findings
    loaded = settings.load()
    from enertrack.doctor.examine import CHECKS, examine  # noqa: PLC0415
    from enertrack.doctor.finding import Place  # noqa: PLC0415
    from enertrack.doctor.report import text  # noqa: PLC0415
    from enertrack.domain.examination import State  # noqa: PLC0415
    from enertrack.stores.examination import encoded  # noqa: PLC0415

    unknown = sorted(set(only or ()) - CHECKS.keys())
    if unknown:
        mend = f"--only: no existe {', '.join(map(ascii, unknown))}: los controles son {', '.join(CHECKS)}"
        raise settings.SettingsError([mend])
    found = asyncio.run(examine(Place(loaded, datetime.now(UTC)), only or ()))
    if save:
        _keep(save, found)
    sys.stdout.write(encoded(found) if as_json else text(found))
    raise typer.Exit(int(found.estado is State.FAILURE))


def _keep(file: Path, found: "Examination") -> None:
    """Keep it in place of the one before, and log what is different."""
    from enertrack.doctor.report import ILL, changes  # noqa: PLC0415
    from enertrack.stores.examination import keep, kept  # noqa: PLC0415

    before = kept(file)
    try:
        keep(file, found)
    except OSError as error:
        mend = f"--save: no se puede escribir {str(file)!a} ({error.strerror}): corrija la ruta o su dueño"
        raise settings.SettingsError([mend]) from error
    for name, finding in changes(before, found):
        level = logging.WARNING if finding.estado in ILL else logging.INFO
        more = {"arreglo": finding.arreglo} if finding.arreglo else {}
        log.event(_log, level, finding.hallado, control=name, estado=finding.estado, **more)
