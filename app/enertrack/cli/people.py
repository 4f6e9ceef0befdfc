"""``enertrack user``: the accounts of people."""

import asyncio
import sys
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.cli.ask import asked, from_stdin
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Las cuentas de las personas.")

Name = Annotated[str, typer.Argument(metavar="NOMBRE", help="Nombre con que ingresa.")]


@app.command("add", cls=Command)
def user_add(
    *,
    name: Name,
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


@app.command("list", cls=Command)
def user_list(
    *, as_json: Annotated[bool, typer.Option("--json", help="Escribe JSON, para otros programas.")] = False
) -> None:
    """Muestra las cuentas: número, nombre, correo y qué puede.

    Ejemplo: enertrack user list
    """
    log.setup("user")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    found = asyncio.run(manage.list_users(loaded))
    if as_json:
        import msgspec  # noqa: PLC0415

        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    for user in found:
        can = "administra" if user["administra"] else ""
        state = can if user["activo"] else "inactiva"
        sys.stdout.write(
            f"{user['id']:>5}  {user['usuario']:<24}  {user['correo'] or '-':<32}  {state}".rstrip() + "\n"
        )


@app.command("reset", cls=Command)
def user_reset(
    *,
    name: Name,
    factor: Annotated[
        bool, typer.Option("--second-factor", help="Quita también su segundo factor: perdió el teléfono y los códigos.")
    ] = False,
) -> None:
    """Escribe un enlace con que la persona elige otra contraseña: vale una hora y una vez.

    Ejemplo: enertrack user reset ana
    """
    log.setup("user")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    typer.echo(asyncio.run(manage.reset(loaded, name, factor=factor)))


@app.command("activate", cls=Command)
def user_activate(*, name: Name) -> None:
    """Deja ingresar otra vez a quien tenía la cuenta desactivada.

    Ejemplo: enertrack user activate ana
    """
    _set_active(name, active=True)


@app.command("deactivate", cls=Command)
def user_deactivate(*, name: Name) -> None:
    """Cierra las sesiones de una persona y no la deja ingresar; lo suyo se conserva.

    Ejemplo: enertrack user deactivate ana
    """
    _set_active(name, active=False)


@app.command("admin", cls=Command)
def user_admin(
    *, name: Name, revoke: Annotated[bool, typer.Option("--revoke", help="Le quita el permiso.")] = False
) -> None:
    """Da a una persona el permiso de administrar la instalación.

    Ejemplo: enertrack user admin ana
    """
    log.setup("user")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    asyncio.run(manage.set_admin(loaded, name, admin=not revoke))
    typer.echo(f"{name} ya no administra." if revoke else f"{name} administra: se le pedirá un segundo factor.")


def _set_active(name: str, *, active: bool) -> None:
    log.setup("user")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    asyncio.run(manage.set_active(loaded, name, active=active))
    typer.echo(f"Cuenta {name}: activa." if active else f"Cuenta {name}: desactivada, y sus sesiones cerradas.")
