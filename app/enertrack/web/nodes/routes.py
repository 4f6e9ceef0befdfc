"""``/nodos/<esp_id>``: a meter's present; ``/nodos/<esp_id>/<magnitud>``: the history of what it measures."""

import msgspec
from quart import Blueprint, Response, abort, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.domain.calendar import local_date
from enertrack.domain.resolution import Resolution, quarter_of
from enertrack.stores.measurements.protocol import Unavailable
from enertrack.web import meters, spark, stream
from enertrack.web.auth import session
from enertrack.web.magnitudes import BY_NAME, POWER
from enertrack.web.nodes import family, gauge, signal
from enertrack.web.nodes.cards import cards
from enertrack.web.nodes.history import history
from enertrack.web.services import services

DAY_S = 86_400
LONGEST_S = 100 * 366 * DAY_S
MAGNITUDE = f"<any({', '.join(BY_NAME)}):magnitud>"

blueprint = Blueprint("nodes", __name__, url_prefix="/nodos")
session.only_users(blueprint)


@blueprint.get("/<esp_id>")
async def page(esp_id: str) -> ResponseReturnValue:
    """The present of one meter."""
    membership = await meters.mine_or_404(esp_id)
    [meter] = await meters.look([membership])
    now, kin = services().now(), await family.of(membership, await meters.mine())
    start = quarter_of(now - DAY_S)
    try:
        windows = (await meters.history([membership]).windows(Resolution.QUARTER, [meter.node.id], start, now))[
            meter.node.id
        ]
        energies = await family.energies(kin)
    except Unavailable:
        windows, energies = [], None
    day = cards(meter.values, windows, start, now)
    dbm = meter.node.senal_dbm
    return await render_template(
        "nodes/node.html",
        meter=meter,
        membership=membership,
        kin=kin,
        energies=energies,
        cards=day,
        gauge=gauge.Gauge.up_to(day[0].most),
        power=POWER,
        width=spark.WIDTH,
        height=spark.HEIGHT,
        signal=None if dbm is None else (signal.bars(dbm), signal.words(dbm)),
        now=now,
        broker=services().live.connected,
    )


@blueprint.get("/<esp_id>/vivo")
async def live(esp_id: str) -> Response:
    """The meter's values as they come."""
    membership = await meters.mine_or_404(esp_id)
    return stream.events([membership])


@blueprint.get(f"/<esp_id>/{MAGNITUDE}")
async def magnitude_page(esp_id: str, magnitud: str) -> ResponseReturnValue:
    """The history of a magnitude; the chart asks for its points itself."""
    magnitude = BY_NAME[magnitud]
    membership = await meters.mine_or_404(esp_id)
    [meter] = await meters.look([membership])
    span = await meters.history([membership]).span(meter.node.id)
    now = services().now()
    return await render_template(
        "nodes/magnitude.html",
        meter=meter,
        magnitude=magnitude,
        magnitudes=BY_NAME.values(),
        span=span,
        first_day=local_date(span[0], meter.zone) if span else None,
        today=local_date(now, meter.zone),
        now=now,
    )


@blueprint.get(f"/<esp_id>/{MAGNITUDE}/datos")
async def magnitude_data(esp_id: str, magnitud: str) -> Response:
    """Points of a magnitude for the seconds after ``desde`` to ``hasta``, the last day without these."""
    magnitude = BY_NAME[magnitud]
    membership = await meters.mine_or_404(esp_id)
    stop = _second("hasta", services().now())
    start = _second("desde", stop - DAY_S)
    if not 0 < stop - start <= LONGEST_S:
        abort(400)
    found = await history(meters.history([membership]), membership.node, magnitude.name, start, stop)
    return Response(msgspec.json.encode(found), content_type="application/json")


def _second(name: str, default: int) -> int:
    """A Unix second of the address, no more than a database holds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10):  # noqa: PLR2004 - up to the year 2286
        abort(400)
    return int(text)
