"""``enertrack node``: the meters' places."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Los nodos: el lugar de cada medidor.")


Board = Annotated[str, typer.Argument(metavar="ESP_ID", help="Identificador de la placa.")]
Json = Annotated[bool, typer.Option("--json", help="Escribe JSON, para otros programas.")]


@app.command("add", cls=Command)
def node_add(  # noqa: PLR0913 - the command line is these options
    *,
    esp_id: Board,
    name: Annotated[str, typer.Option(help="Nombre del lugar.")],
    zone: Annotated[str | None, typer.Option(help="Su zona horaria; sin ella, TZ.")] = None,
    owner: Annotated[str | None, typer.Option("--user", help="Nombre de su propietario.")] = None,
    protocol: Annotated[int, typer.Option(min=1, max=2, help="1: placas originales; 2: las de EnerTrack.")] = 2,
    max_w: Annotated[float, typer.Option(min=1, help="Potencia que nunca supera, en W.")] = 26_500.0,
    as_json: Json = False,
) -> None:
    """Da de alta un nodo y la cuenta de su medidor en el broker, cuya clave muestra solo esta vez.

    Ejemplo: enertrack node add A0B76512F3C8 --name Casa --zone Europe/Madrid --user ana
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack.cli import roster  # noqa: PLC0415

    wanted = roster.Order(esp_id, name, zone or loaded.tz, owner, protocol, max_w)
    asyncio.run(roster.add(loaded, wanted, roster.Output(as_json=as_json)))


@app.command("renew", cls=Command)
def node_renew(*, esp_id: Board, as_json: Json = False) -> None:
    """Da otra clave al medidor, que muestra solo esta vez; la anterior deja de valer y lo desconecta.

    También devuelve al servicio un nodo dado de baja, y crea la cuenta que falte.

    Ejemplo: enertrack node renew A0B76512F3C8
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack.cli import roster  # noqa: PLC0415

    asyncio.run(roster.renew(loaded, esp_id, roster.Output(as_json=as_json)))


@app.command("revoke", cls=Command)
def node_revoke(*, esp_id: Board, as_json: Json = False) -> None:
    """Da de baja el nodo y quita su cuenta al medidor, que se desconecta; lo medido se conserva.

    Ejemplo: enertrack node revoke A0B76512F3C8
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack.cli import roster  # noqa: PLC0415

    asyncio.run(roster.revoke(loaded, esp_id, roster.Output(as_json=as_json)))


@app.command("list", cls=Command)
def node_list(*, as_json: Json = False) -> None:
    """Muestra los nodos: número, medidor, última lectura, zona, nombre y estado.

    Ejemplo: enertrack node list
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack.cli import roster  # noqa: PLC0415

    asyncio.run(roster.show(loaded, roster.Output(as_json=as_json)))
