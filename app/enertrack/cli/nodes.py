"""``enertrack node``: the meters' places."""

import asyncio
from typing import Annotated

import typer

from enertrack import log, settings
from enertrack.help import Command, Group

app = typer.Typer(cls=Group, no_args_is_help=True, help="Los nodos: el lugar de cada medidor.")


@app.command("add", cls=Command)
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


@app.command("list", cls=Command)
def node_list() -> None:
    """Muestra los nodos: número, medidor, última lectura, zona y nombre.

    Ejemplo: enertrack node list
    """
    log.setup("node")
    loaded = settings.load()
    from enertrack import manage  # noqa: PLC0415

    asyncio.run(manage.list_nodes(loaded))
