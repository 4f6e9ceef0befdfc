"""``enertrack db``: the tables."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Las tablas: crearlas, actualizarlas y quién las usa.")


@app.command(cls=Command)
def upgrade() -> None:
    """Crea las tablas o las lleva a la forma que este programa usa; repetirlo no cambia nada.

    Ejemplo: enertrack db upgrade
    """
    log.setup("db")
    loaded = settings.load()
    from enertrack.stores.migration import upgrade as bring_up  # noqa: PLC0415

    done = asyncio.run(bring_up(loaded.database_url))
    typer.echo("Las tablas están al día." if done else "Sin cambios: las tablas están al día.")


@app.command(cls=Command)
def downgrade(
    revision: Annotated[str, typer.Argument(metavar="REVISIÓN", help="La que quedará, como la dice db version.")],
) -> None:
    """Devuelve las tablas a una revisión anterior: lo que después de ella se agregó, con sus datos, se pierde.

    Ejemplo: enertrack db downgrade 0001
    """
    log.setup("db")
    loaded = settings.load()
    from enertrack.manage import Refused  # noqa: PLC0415
    from enertrack.stores import migration  # noqa: PLC0415

    try:
        done = asyncio.run(migration.downgrade(loaded.database_url, revision))
    except migration.UnknownRevision:
        message = f"este programa no conoce la revisión {revision!a}: mire la que hay con enertrack db version"
        raise Refused(message) from None
    typer.echo(f"Las tablas quedaron en la revisión {revision}." if done else "Sin cambios.")


@app.command(cls=Command)
def version(
    *,
    newest: Annotated[
        bool, typer.Option("--newest", help="La más nueva que este programa conoce, en su lugar.")
    ] = False,
) -> None:
    """Escribe la revisión en que están las tablas; nada, si todavía no hay.

    Ejemplo: enertrack db version
    """
    log.setup("db")
    from enertrack.stores import migration  # noqa: PLC0415

    found = migration.head() if newest else asyncio.run(migration.version(settings.load().database_url))
    typer.echo(found or "")


@app.command(cls=Command)
def grant() -> None:
    """Da a la cuenta de cada proceso en MariaDB (enertrack-web, ...) los permisos justos y quita los demás.

    La ejecuta una cuenta que administra el servidor.

    Ejemplo: enertrack db grant
    """
    log.setup("db")
    loaded = settings.load()
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from enertrack.manage import Refused  # noqa: PLC0415
    from enertrack.stores import grants  # noqa: PLC0415

    if loaded.embedded:
        message = "no hay cuentas: las tablas embebidas son de quien ejecuta enertrack"
        raise Refused(message)
    try:
        changes = asyncio.run(grants.grant(loaded.database_url))
    except DBAPIError as error:
        message = f"MYSQL_USER no puede dar permisos: use una cuenta que administra MariaDB ({error.orig})"
        raise Refused(message) from error
    typer.echo(f"Permisos cambiados: {changes}." if changes else "Sin cambios: los permisos están al día.")
