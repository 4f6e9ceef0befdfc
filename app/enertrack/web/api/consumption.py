"""``/consumo``: bars of some meters or all."""

from http import HTTPStatus

from msgspec import UnsetType
from quart import Blueprint

from enertrack.domain.calendar import local_date
from enertrack.web import meters
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import Barra, Consumo, ConsumoPedido
from enertrack.web.api.problems import Refused
from enertrack.web.api.schema import answers, asks, says
from enertrack.web.consumption.report import report
from enertrack.web.consumption.routes import FIRST_YEAR, LAST_YEAR
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.services import services

blueprint = Blueprint("api_consumo", __name__)
only_bearers(blueprint)


@blueprint.get("/consumo")
@says(lazy_gettext("Consumo por hora, día, mes o año alrededor de una fecha, con el período anterior"))
@asks(ConsumoPedido)
@answers(Consumo)
async def bars(query: ConsumoPedido) -> Consumo:
    """The bars around a date."""
    mine = await meters.mine()
    found = meters.chosen(mine, query.nodo)
    now = services().now()
    zone = meters.zone_of(found[0].node) if found else services().settings.zone
    anchor = local_date(now, zone) if isinstance(query.fecha, UnsetType) else query.fecha
    if not FIRST_YEAR <= anchor.year <= LAST_YEAR:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _("La fecha está fuera de lo que se puede mostrar."))
    parents = await meters.parents_of(mine)
    told = await report(meters.history(found), [m.node for m in found], parents, query.periodo, anchor, now)
    return Consumo(
        barras=[
            Barra(nombre=b.label, inicio=b.start, fin=b.end, energia_wh=b.energy_wh, estimada_wh=b.estimated_wh)
            for b in told.bins
        ],
        total_wh=told.total_wh,
        estimada_wh=told.estimated_wh,
        media_w=told.mean_w,
        anterior_wh=told.before.total_wh,
        cambio=told.before.change,
    )
