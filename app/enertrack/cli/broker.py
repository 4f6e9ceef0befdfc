"""``enertrack broker``: the accounts of EnerTrack's own processes at the broker."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="El broker: las cuentas de los procesos de EnerTrack.")


@app.callback()
def _group() -> None:
    pass  # so that a group of one command keeps the command's name


@app.command(cls=Command)
def setup(
    *,
    credentials: Annotated[
        Path, typer.Option(help="Carpeta con la clave de cada proceso: PROCESO/enertrack_mqtt_clave.")
    ] = Path("/etc/enertrack/credentials"),
) -> None:
    """Crea o corrige en el broker las cuentas y derechos de los procesos; si ya están así, lo dice y no toca nada.

    Usa la cuenta configurada, que debe administrar el complemento dynamic-security. La cuenta compartida de las placas
    originales existe solo donde se definen MQTT_USR y MQTT_PASS.

    Ejemplo: enertrack broker setup
    """
    log.setup("broker")
    loaded = settings.load()
    from enertrack.cli import services  # noqa: PLC0415

    asyncio.run(services.set_up(loaded, credentials))
