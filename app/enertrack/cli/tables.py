"""``enertrack db``: the tables."""

import asyncio

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Las tablas: crearlas y actualizarlas.")


@app.command(cls=Command)
def upgrade() -> None:
    """Crea las tablas o las lleva a la forma que este programa usa; repetirlo no cambia nada.

    Ejemplo: enertrack db upgrade
    """
    log.setup("db")
    loaded = settings.load()
    from enertrack.stores.migration import upgrade as bring_up  # noqa: PLC0415

    asyncio.run(bring_up(loaded.database_url))
    typer.echo("Las tablas están al día.")
