"""The commands that run until they are told to stop."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group)


@app.command(cls=Command)
def ingest(
    *,
    drain: Annotated[
        bool,
        typer.Option(
            "--drain",
            help="Vacía en el broker la sesión de un proceso retirado y termina; lo hace enertrack-drain.service.",
        ),
    ] = False,
) -> None:
    """Recibe las lecturas de los medidores por MQTT y las guarda.

    Ejemplo: enertrack ingest
    """
    log.setup("ingesta")
    loaded = settings.load()
    from enertrack.ingest import process  # noqa: PLC0415

    process.main(loaded, drain=drain)


@app.command(cls=Command)
def reconcile() -> None:
    """Hace que la ingesta en marcha repase ahora todos los resúmenes, como cada noche, y espera a que termine.

    Ejemplo: enertrack reconcile
    """
    log.setup("repaso")
    loaded = settings.load()
    from enertrack.ingest import request  # noqa: PLC0415

    asyncio.run(request.reconcile_now(loaded))
    typer.echo("Los resúmenes siguen a las lecturas.")


@app.command(cls=Command)
def web() -> None:
    """Sirve las páginas en el puerto PORT (8006); donde no hay servidores configurados, es la demostración.

    Ejemplo: PORT=8080 enertrack web
    """
    loaded = settings.load()
    if loaded.embedded:
        demo()
        return
    log.setup("web")
    from enertrack.web import process  # noqa: PLC0415

    process.main(loaded)


@app.command(cls=Command)
def demo(
    *,
    host: Annotated[
        str, typer.Option(help="Dirección en que escucha; si no es la de este equipo, la contraseña es al azar.")
    ] = "127.0.0.1",
    days: Annotated[int, typer.Option(min=1, help="Días de historia inventada, la primera vez.")] = 396,
    mqtt_port: Annotated[int, typer.Option(min=0, max=65535, help="Puerto de su broker; 0, uno libre.")] = 0,
) -> None:
    """Muestra EnerTrack en este equipo con cuatro medidores simulados y 13 meses de datos ficticios.

    Ejemplo: enertrack demo   (y abra http://127.0.0.1:8006: usuario demo, contraseña demo)
    """
    log.setup("demo")
    loaded = settings.load()
    from enertrack.demo import process  # noqa: PLC0415

    process.main(loaded, process.Options(host, days, mqtt_port))
