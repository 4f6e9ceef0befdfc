"""``enertrack backup``, ``rehearse`` and ``restore``."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True)


@app.command(cls=Command)
def backup(
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Solo abre el repositorio, o lo crea si no hay ninguno.")
    ] = False,
) -> None:
    """Guarda una copia cifrada de tablas, lecturas y cuentas del broker, y suelta las más viejas.

    En una instalación la hace cada noche enertrack-backup.service, con su propio usuario.

    Ejemplo: systemctl start enertrack-backup.service
    """
    log.setup("backup")
    loaded = settings.load()
    from enertrack.backup import save  # noqa: PLC0415

    if prepare:
        typer.echo("Se creó el repositorio de las copias." if save.prepare(loaded) else "Sin cambios.")
    else:
        asyncio.run(save.back_up(loaded))


@app.command(cls=Command)
def rehearse() -> None:
    """Recupera la última copia en lugares de prueba, la compara con lo que se copió y la quita.

    En una instalación lo hace cada semana enertrack-rehearsal.service, con su propio usuario.

    Ejemplo: systemctl start enertrack-rehearsal.service
    """
    log.setup("rehearsal")
    loaded = settings.load()
    from enertrack.backup.bring_back import rehearse as run  # noqa: PLC0415

    asyncio.run(run(loaded))


@app.command(cls=Command)
def restore(
    *,
    snapshot: Annotated[
        str, typer.Option(metavar="COPIA", help="Cuál, por su id; la última si no se dice.")
    ] = "latest",
    replace: Annotated[bool, typer.Option("--replace", help="Aunque esta instalación ya tenga datos.")] = False,
) -> None:
    """Pone una copia en el lugar de las tablas, las lecturas y las cuentas del broker.

    Antes la recupera en lugares de prueba y la compara: si algo falla, nada se toca. Con los procesos detenidos; lo
    hace entero playbooks/restore.yml, que también da claves nuevas de InfluxDB a los procesos.

    Ejemplo: enertrack restore --snapshot 4f2a91c0
    """
    log.setup("restore")
    loaded = settings.load()
    from enertrack.backup.bring_back import restore as run  # noqa: PLC0415

    typer.echo(asyncio.run(run(loaded, snapshot, replace=replace)))
