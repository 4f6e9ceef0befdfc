"""``/admin/medidores``: all meters, whose they are and whether they deliver; nothing of what they measured."""

from datetime import datetime
from typing import Final

import msgspec
from quart import Blueprint, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.domain.state import NodeState, node_state
from enertrack.stores import directory
from enertrack.stores.directory import PAGE, Placed
from enertrack.web import audit
from enertrack.web.admin.access import asked_page, only_administrators
from enertrack.web.i18n import gettext as _
from enertrack.web.services import services

MAX_SEARCH: Final = 100
ACTIVE: Final = {"": None, "servicio": True, "baja": False}

blueprint = Blueprint("admin_meters", __name__, url_prefix="/admin/medidores")
only_administrators(blueprint)


class Shown(msgspec.Struct, frozen=True):
    """A meter with its present state."""

    placed: Placed
    state: NodeState


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """All meters, a page at a time."""
    search = request.args.get("q", "").strip()[:MAX_SEARCH]
    which = request.args.get("ver", "")
    which = which if which in ACTIVE else ""
    number, now = asked_page(), audit.present()
    found, total = await directory.meters(services().engine, search, active=ACTIVE[which], page=number)
    return await render_template(
        "admin/meters.html",
        meters=[Shown(placed, _state(placed, now)) for placed in found],
        total=total,
        search=search,
        which=which,
        page=number,
        size=PAGE,
        names={"": _("Todos"), "servicio": _("En servicio"), "baja": _("Dados de baja")},
        zone=services().settings.zone,
    )


def _state(placed: Placed, now: datetime) -> NodeState:
    node = placed.node
    online = services().live.online.get(node.esp_id, node.en_linea)
    return node_state(now, node.ultima_lectura, placed.ultimo_acceso, node.intervalo_s, online)
