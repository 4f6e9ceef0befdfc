"""The command ``enertrack``; each command imports its own room only: a process does not pay for another's libraries."""

import sys

import typer

from enertrack import log, settings
from enertrack.cli import broker, copies, doctor, meters, nodes, original, people, processes, tables
from enertrack.help import Group

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="EnerTrack mide, guarda y muestra el consumo eléctrico de hogares, comercios y talleres. La configuración se"
    " lee del entorno (la explica .env.example); donde no hay ningún servidor configurado, todo corre embebido.",
)
for room in (processes, meters, original, copies, doctor):
    app.add_typer(room.app)
for name, room in {"db": tables, "user": people, "node": nodes, "broker": broker}.items():
    app.add_typer(room.app, name=name)


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
    from enertrack.backup.failure import Failed  # noqa: PLC0415 - here nobody counts memory any more
    from enertrack.manage import Refused  # noqa: PLC0415
    from enertrack.stores.broker.accounts import AccountsFailed  # noqa: PLC0415
    from enertrack.stores.broker.client import BrokerAway  # noqa: PLC0415
    from enertrack.stores.database import DatabaseAway  # noqa: PLC0415
    from enertrack.stores.measurements.protocol import Forbidden, Unavailable  # noqa: PLC0415

    mends: dict[type[Exception], str] = {
        Refused: "{}",
        Failed: "No se pudo: {}.",
        AccountsFailed: "{}: mire el registro de Mosquitto y vuelva a intentarlo.",
        DatabaseAway: "No se puede usar la base de datos ({}): revise que esté en marcha y las variables MYSQL_.",
        BrokerAway: "No se llega al broker ({}): revise que esté en marcha, su dirección y la cuenta.",
        Forbidden: "InfluxDB no acepta la clave ({}): revise INFLUX_TOKEN, INFLUX_ORG e INFLUX_BUCKET.",
        Unavailable: "No se llega a InfluxDB ({}): revise que esté en marcha y INFLUX_URL.",
    }
    for kind, mend in mends.items():
        if isinstance(error, kind):
            return mend.format(log.escaped(str(error)))
    return None
