"""The command ``enertrack``; each command imports its own room only: a process does not pay for another's libraries."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

if TYPE_CHECKING:
    from enertrack.demo.console import Destination

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="EnerTrack mide, guarda y muestra el consumo eléctrico de hogares, comercios y talleres. La configuración se"
    " lee del entorno (la explica .env.example); donde no hay ningún servidor configurado, todo corre embebido.",
)
db = typer.Typer(cls=Group, no_args_is_help=True, help="Las tablas: crearlas y actualizarlas.")
user = typer.Typer(cls=Group, no_args_is_help=True, help="Las cuentas de las personas.")
node = typer.Typer(cls=Group, no_args_is_help=True, help="Los nodos: el lugar de cada medidor.")
app.add_typer(db, name="db")
app.add_typer(user, name="user")
app.add_typer(node, name="node")

Broker = Annotated[str | None, typer.Option(help="Broker, dirección:puerto; sin ella, el configurado.")]
BrokerUser = Annotated[str | None, typer.Option("--user", help="Cuenta en el broker.")]
BrokerPassword = Annotated[bool, typer.Option("--password-stdin", help="Lee su contraseña de la entrada estándar.")]
Tls = Annotated[bool, typer.Option("--tls", help="Habla con el broker por TLS.")]
Authority = Annotated[Path | None, typer.Option("--ca", help="Certificado de la autoridad que firma el del broker.")]


def main() -> None:
    """Run the command line; what an operator can mend is told without a traceback."""
    try:
        app()
    except settings.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except Exception as error:
        message = _mend(error)
        if message is None:
            raise
        sys.stderr.write(f"{message}\n")
        sys.exit(1)


def _mend(error: Exception) -> str | None:
    """What happened and what to do, where it is no mistake of ours."""
    from enertrack.manage import Refused  # noqa: PLC0415 - here nobody counts memory any more
    from enertrack.stores.broker.client import BrokerAway  # noqa: PLC0415
    from enertrack.stores.database import DatabaseAway  # noqa: PLC0415
    from enertrack.stores.measurements.protocol import Forbidden, Unavailable  # noqa: PLC0415

    mends: dict[type[Exception], str] = {
        Refused: "{}",
        DatabaseAway: "No se puede usar la base de datos ({}): revise que esté en marcha y las variables MYSQL_.",
        BrokerAway: "No se llega al broker ({}): revise que esté en marcha, su dirección y la cuenta.",
        Forbidden: "InfluxDB no acepta la clave ({}): revise INFLUX_TOKEN, INFLUX_ORG e INFLUX_BUCKET.",
        Unavailable: "No se llega a InfluxDB ({}): revise que esté en marcha y INFLUX_URL.",
    }
    for kind, mend in mends.items():
        if isinstance(error, kind):
            return mend.format(log.escaped(str(error)))
    return None


@app.command(cls=Command)
def ingest(
    *,
    drain: Annotated[
        bool, typer.Option("--drain", help="Vacía la sesión de un proceso retirado (ENERTRACK_INGESTA_ID) y termina.")
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
    """Muestra EnerTrack en este equipo con tres medidores simulados y 13 meses de datos ficticios.

    Ejemplo: enertrack demo   (y abra http://127.0.0.1:8006: usuario demo, contraseña demo)
    """
    log.setup("demo")
    loaded = settings.load()
    from enertrack.demo import process  # noqa: PLC0415

    process.main(loaded, process.Options(host, days, mqtt_port))


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

    return Destination(broker, username, _from_stdin() if password_stdin else None, tls, ca)


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


@db.command(cls=Command)
def upgrade() -> None:
    """Crea las tablas o las lleva a la forma que este programa usa; repetirlo no cambia nada.

    Ejemplo: enertrack db upgrade
    """
    log.setup("db")
    loaded = settings.load()
    from enertrack.stores.migration import upgrade as bring_up  # noqa: PLC0415

    asyncio.run(bring_up(loaded.database_url))
    typer.echo("Las tablas están al día.")


@user.command("add", cls=Command)
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

    password = _from_stdin() if password_stdin else _asked()
    asyncio.run(manage.add_user(loaded, name, password, mail=mail, admin=admin))


def _asked() -> str:
    answer: str = typer.prompt("Contraseña", hide_input=True, confirmation_prompt="Otra vez")
    return answer


@node.command("add", cls=Command)
def node_add(  # noqa: PLR0913 - the command line is these options
    *,
    esp_id: Annotated[str, typer.Argument(metavar="ESP_ID", help="Identificador de la placa.")],
    name: Annotated[str, typer.Option(help="Nombre del lugar.")],
    zone: Annotated[str | None, typer.Option(help="Su zona horaria; sin ella, TZ.")] = None,
    owner: Annotated[str | None, typer.Option("--user", help="Nombre de su propietario.")] = None,
    protocol: Annotated[int, typer.Option(min=1, max=2, help="1: placas originales; 2: las de EnerTrack.")] = 2,
    max_w: Annotated[float, typer.Option(min=1, help="Potencia que nunca supera, en W.")] = 26_500.0,
) -> None:
    """Da de alta un nodo y el medidor que lo mide.

    Ejemplo: enertrack node add A0B76512F3C8 --name Casa --zone Europe/Madrid --user ana
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    asyncio.run(manage.add_node(loaded, esp_id, name=name, zone=zone, owner=owner, protocol=protocol, max_w=max_w))


@node.command("list", cls=Command)
def node_list() -> None:
    """Muestra los nodos: número, medidor, última lectura, zona y nombre.

    Ejemplo: enertrack node list
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    asyncio.run(manage.list_nodes(loaded))


if __name__ == "__main__":
    main()
