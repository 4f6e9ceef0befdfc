"""``/``: sums over the reader's meters, and each of them as a card."""

import msgspec
from quart import Blueprint, Response, jsonify, render_template
from quart.typing import ResponseReturnValue

from enertrack.domain.state import NodeState
from enertrack.stores.measurements.protocol import Unavailable
from enertrack.stores.nodes import Membership
from enertrack.web import meters, stream
from enertrack.web.auth import session
from enertrack.web.live import Event
from enertrack.web.meters import Meter
from enertrack.web.panel.energy import Energy, so_far, total
from enertrack.web.panel.summary import summary
from enertrack.web.services import services

blueprint = Blueprint("panel", __name__)
session.only_users(blueprint)


@blueprint.get("/")
async def page() -> ResponseReturnValue:
    """The panel."""
    own = await meters.mine()
    found = await meters.look(own)
    energies = await _energies(own)
    return await render_template(
        "panel/panel.html",
        meters=found,
        summary=summary(found),
        total=total(energies.values()) if energies else None,
        energies=energies,
        counts={state: sum(m.state is state for m in found) for state in NodeState},
        broker=services().live.connected,
    )


@blueprint.get("/panel/datos")
async def data() -> ResponseReturnValue:
    """What changes slowly, for a page that stays open: energies in Wh and the states of the meters."""
    own = await meters.mine()
    found = await meters.look(own)
    energies = await _energies(own)
    rows = {m.node.esp_id: _slow(m, energies[m.node.id] if energies else None) for m in found}
    return jsonify(nodos=rows, total=msgspec.to_builtins(total(energies.values())) if energies else None)


@blueprint.get("/vivo")
async def live() -> Response:
    """Values of all the reader's meters as they come, with the sums after each."""
    found, present = await meters.mine(), services()

    def sums() -> Event:
        return Event("resumen", msgspec.json.encode(summary(meters.seen(m, present) for m in found)).decode())

    return stream.events([m.node.esp_id for m in found], sums)


def _slow(meter: Meter, energy: Energy | None) -> dict[str, str | float | None]:
    today, month = (energy.today_wh, energy.month_wh) if energy else (None, None)
    return {"estado": meter.state, "hoy_wh": today, "mes_wh": month}


async def _energies(own: list[Membership]) -> dict[int, Energy] | None:
    """None where the store does not answer: the page shows what it has."""
    try:
        return await so_far(meters.history(own), [m.node for m in own], services().now())
    except Unavailable:
        return None
