"""The command that brings what the original EnerTrack has."""

from pathlib import Path
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group)


@app.command("import-original", cls=Command)
def import_original(
    *,
    tables: Annotated[Path, typer.Argument(metavar="COPIA.sql", help="Copia de sus tablas, por mariadb-dump.")],
    measurements: Annotated[
        Path | None, typer.Option(help="Sus mediciones, por influxd inspect export-lp (con o sin gzip).")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Zona horaria de sus medidores; sin ella, TZ.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Muestra lo que vendría, sin cambiar nada.")] = False,
) -> None:
    """Trae del EnerTrack original usuarios, medidores, umbrales y consumo; repetirlo no cambia nada.

    Ejemplo: enertrack import-original enertrack.sql.gz --measurements mediciones.lp.gz --dry-run
    """
    log.setup("importacion")
    loaded = settings.load()
    from enertrack.original import command  # noqa: PLC0415

    command.main(command.Task(tables, measurements, zone or loaded.tz, dry_run), loaded)
