"""``/nodos/<esp_id>/exportar``: all of a meter; ``/consumo/exportar``: the energy of some or all of them."""

from quart import Blueprint, Response, request

from enertrack.web import meters
from enertrack.web.auth import session
from enertrack.web.export.answer import file
from enertrack.web.export.request import asked, named

blueprint = Blueprint("export", __name__)
session.only_users(blueprint)


@blueprint.get("/nodos/<esp_id>/exportar")
async def meter(esp_id: str) -> Response:
    """What a meter measured: every magnitude, or those of ``magnitud``."""
    found = await meters.mine_or_404(esp_id)
    return await file(asked(request.args), [found], named(request.args.getlist("magnitud")), found.node.esp_id)


@blueprint.get("/consumo/exportar")
async def consumption() -> Response:
    """The energy of the meters of ``nodo``, of all where none is named."""
    found = meters.chosen(await meters.mine(), request.args.getlist("nodo"))
    return await file(asked(request.args), found, [], "consumo")
