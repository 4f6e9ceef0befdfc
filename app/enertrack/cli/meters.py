"""The commands that stand in for meters."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from enertrack import log, settings
from enertrack.cli.ask import from_stdin
from enertrack.help import Command, Group

if TYPE_CHECKING:
    from enertrack.demo.console import Destination

app = typer.Typer(cls=Group)

Broker = Annotated[str | None, typer.Option(help="Broker, dirección:puerto; sin ella, el configurado.")]
BrokerUser = Annotated[str | None, typer.Option("--user", help="Cuenta en el broker.")]
BrokerPassword = Annotated[bool, typer.Option("--password-stdin", help="Lee su contraseña de la entrada estándar.")]
Tls = Annotated[bool, typer.Option("--tls", help="Habla con el broker por TLS.")]
Authority = Annotated[Path | None, typer.Option("--ca", help="Certificado de la autoridad que firma el del broker.")]


@app.command(cls=Command)
def simulate(  # noqa: PLR0913 - the command line is these options
    *,
    nodes: Annotated[int, typer.Option(min=1, help="Cuántos medidores.")] = 3,
    speed: Annotated[float, typer.Option(help="Veces más rápido que una lectura por minuto.")] = 1.0,
    seconds: Annotated[float | None, typer.Option(min=0, help="Cuánto dura; sin ella, hasta Ctrl-C.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Las 6 primeras cifras de sus identificadores.")] = None,
    create: Annotated[bool, typer.Option("--create", help="Antes los da de alta en las tablas configuradas.")] = False,
    broker: Broker = None,
    username: BrokerUser = None,
    password_stdin: BrokerPassword = False,
    tls: Tls = False,
    ca: Authority = None,
) -> None:
    """Hace de medidores: envía lecturas inventadas a un broker, como lo harían las placas.

    Ejemplo: enertrack simulate --nodes 50 --speed 60 --broker 127.0.0.1:1883
    """
    log.setup("simulador")
    loaded = settings.load()
    from enertrack.demo import fleet  # noqa: PLC0415
    from enertrack.demo import simulate as room  # noqa: PLC0415

    to = _destination(broker, username, password_stdin=password_stdin, tls=tls, ca=ca)
    room.main(room.Task(nodes, speed, seconds, prefix or fleet.PREFIX, create), loaded, to)


@app.command(cls=Command)
def replay(  # noqa: PLR0913 - the command line is these options
    *,
    file: Annotated[Path, typer.Argument(metavar="TABLA.csv", help="Tabla CSV de lecturas de un minuto.")],
    node: Annotated[str, typer.Option(help="Identificador del medidor (12 u 8 cifras hexadecimales).")],
    speed: Annotated[float, typer.Option(min=0, help="Veces más rápido que el reloj; 0, lo más rápido posible.")] = 0.0,
    zone: Annotated[str | None, typer.Option(help="Zona horaria de la tabla; sin ella, TZ.")] = None,
    broker: Broker = None,
    username: BrokerUser = None,
    password_stdin: BrokerPassword = False,
    tls: Tls = False,
    ca: Authority = None,
) -> None:
    """Envía una tabla de lecturas reales como lo habría hecho un medidor, con sus horas.

    Ejemplo: enertrack replay casa.csv --node A0B76512F3C8 --zone Europe/Paris --broker 127.0.0.1:1883
    """
    log.setup("replay")
    loaded = settings.load()
    from enertrack.demo import replay as room  # noqa: PLC0415

    to = _destination(broker, username, password_stdin=password_stdin, tls=tls, ca=ca)
    room.main(room.Task(file, node, zone or loaded.tz, speed), loaded, to)


def _destination(
    broker: str | None, username: str | None, *, password_stdin: bool, tls: bool, ca: Path | None
) -> "Destination":
    from enertrack.demo.console import Destination  # noqa: PLC0415

    return Destination(broker, username, from_stdin() if password_stdin else None, tls, ca)
