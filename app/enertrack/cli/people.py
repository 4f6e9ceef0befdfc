"""``enertrack user``: the accounts of people."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.cli.ask import asked, from_stdin
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Las cuentas de las personas.")


@app.command("add", cls=Command)
def user_add(
    *,
    name: Annotated[str, typer.Argument(metavar="NOMBRE", help="Nombre con que ingresa.")],
    mail: Annotated[str | None, typer.Option(help="Correo.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Podrá administrar la instalación.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Lee la contraseña de la entrada estándar en lugar de preguntarla.")
    ] = False,
) -> None:
    """Crea una cuenta; pregunta la contraseña.

    Ejemplo: enertrack user add ana --admin
    """
    log.setup("user")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    password = from_stdin() if password_stdin else asked()
    asyncio.run(manage.add_user(loaded, name, password, mail=mail, admin=admin))
