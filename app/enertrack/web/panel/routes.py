"""``/``: sums over the reader's meters, and each of them as a card."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from quart import Blueprint, Response, jsonify, render_template
from quart.typing import ResponseReturnValue

from enertrack.domain.state import NodeState
from enertrack.domain.submeters import mains, under, unmeasured
from enertrack.stores.measurements.protocol import Unavailable
from enertrack.stores.nodes import Membership
from enertrack.web import meters, spark, stream
from enertrack.web.auth import session
from enertrack.web.figures import Comparison, Figures, figures
from enertrack.web.live import Event
from enertrack.web.meters import Meter
from enertrack.web.panel.summary import Totals, summary, totals
from enertrack.web.services import services
from enertrack.web.together import Parents

blueprint = Blueprint("panel", __name__)
session.only_users(blueprint)


@blueprint.get("/")
async def page() -> ResponseReturnValue:
    """The panel."""
    own = await meters.mine()
    found = {m.node.id: m for m in await meters.look(own)}
    parents = await meters.parents_of(own)
    energies = await _figures(own)
    return await render_template(
        "panel/panel.html",
        meters=found,
        order=under(parents, list(found)),
        mains=_mains(parents, found),
        summary=summary(parents, found.values()),
        total=totals(parents, energies) if energies is not None else None,
        energies=energies or {},
        rest=_rest(parents, energies or {}),
        counts={state: sum(m.state is state for m in found.values()) for state in NodeState},
        broker=services().live.connected,
        width=spark.WIDTH,
        height=spark.HEIGHT,
    )


@blueprint.get("/panel/datos")
async def data() -> ResponseReturnValue:
    """What changes slowly, for a page that stays open: energies in Wh, states and the last 24 hours of the meters."""
    own = await meters.mine()
    found = await meters.look(own)
    energies = await _figures(own)
    parents = await meters.parents_of(own)
    rest = _rest(parents, energies or {})
    total = totals(parents, energies) if energies is not None else None
    return jsonify(
        nodos={m.node.esp_id: _slow(m, energies, rest) for m in found},
        total=msgspec.to_builtins(total),
        cambio=_changes(total) if total else None,
    )


@blueprint.get("/vivo")
async def live() -> Response:
    """Values of all the reader's meters as they come, with the sums after each."""
    found, present = await meters.mine(), services()
    parents = await meters.parents_of(found)

    def sums() -> Event:
        told = summary(parents, (meters.seen(m, present) for m in found))
        return Event("resumen", msgspec.json.encode(told).decode())

    return stream.events(found, sums)


def _mains(parents: Parents, found: Mapping[int, Meter]) -> dict[int, str]:
    """The name of the nearest main meter among them, for each that has one."""
    near = {i: next((a for a in mains(parents, i) if a in found), None) for i in found}
    return {i: found[a].node.nombre for i, a in near.items() if a is not None}


def _rest(parents: Parents, energies: Mapping[int, Figures]) -> dict[int, float]:
    """Wh of today that main meters measured beyond their sub-meters."""
    return unmeasured(parents, {i: f.today_wh for i, f in energies.items() if f.today_wh is not None})


def _slow(meter: Meter, energies: Mapping[int, Figures] | None, rest: Mapping[int, float]) -> dict[str, Any]:
    own = energies[meter.node.id] if energies else None
    told: dict[str, Any] = {}
    if own:
        told = {
            "hoy_wh": own.today_wh,
            "mes_wh": own.month_wh,
            "resto_wh": rest.get(meter.node.id),
            "curva": own.course,
            "cambio": _changes(own),
        }
    return {"estado": meter.state, **told}


def _changes(found: Figures | Totals) -> dict[str, float | None]:
    def change(compared: Comparison | None) -> float | None:
        return compared.change if compared else None

    return {"dia": change(found.day), "mes": change(found.month)}


async def _figures(own: Sequence[Membership]) -> dict[int, Figures] | None:
    """None where the store does not answer: the page shows what it has."""
    try:
        return await figures(own)
    except Unavailable:
        return None
