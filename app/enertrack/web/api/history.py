"""What was measured: readings, windows, the course of a magnitude, files, and live values."""

from http import HTTPStatus
from typing import Final

from msgspec import UnsetType
from quart import Blueprint, Response, abort

from enertrack.domain.resolution import Resolution, for_edges
from enertrack.domain.summary import Consumption
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.nodes import Membership
from enertrack.web import meters, stream
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import (
    Archivo,
    ArchivoDeVarios,
    Lectura,
    Rango,
    Tramo,
    TramoPorVentanas,
    Ventana,
)
from enertrack.web.api.problems import Refused
from enertrack.web.api.schema import answers, asks, says
from enertrack.web.export.answer import file
from enertrack.web.export.grain import PERIODS, Grain, marks
from enertrack.web.export.request import Asked, named
from enertrack.web.export.sheet import TYPE as SHEET_TYPE
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.magnitudes import BY_NAME
from enertrack.web.nodes.history import History, history
from enertrack.web.services import services

DAY_S: Final = 86_400
LONGEST_READINGS_S: Final = 7 * DAY_S
LONGEST_S: Final = 100 * 366 * DAY_S
MOST_WINDOWS: Final = 3000
FILES: Final = f"text/csv | {SHEET_TYPE}"
EVENTS: Final = "text/event-stream"

blueprint = Blueprint("api_historia", __name__)
only_bearers(blueprint)


@blueprint.get("/medidores/<esp_id>/lecturas")
@says(lazy_gettext("Las lecturas de hasta siete días, como llegaron (sin desde ni hasta, el último día)"))
@asks(Tramo)
@answers(list[Lectura])
async def readings(esp_id: str, query: Tramo) -> list[Lectura]:
    """Readings as they came."""
    mine = await meters.mine_or_404(esp_id)
    start, stop = _range(query, LONGEST_READINGS_S)
    found = await meters.history([mine]).readings([mine.node.id], start, stop)
    names = Lectura.__struct_fields__
    return [Lectura(**{name: getattr(r, name) for name in names}) for r in found[mine.node.id]]


@blueprint.get("/medidores/<esp_id>/ventanas")
@says(lazy_gettext("Energía y magnitudes por ventanas; las que no tienen datos faltan"))
@asks(TramoPorVentanas)
@answers(list[Ventana])
async def windows(esp_id: str, query: TramoPorVentanas) -> list[Ventana]:
    """Energy and magnitudes of windows."""
    mine = await meters.mine_or_404(esp_id)
    start, stop = _range(query, LONGEST_S)
    if query.resolucion is Grain.RAW:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _("Para cada lectura está /lecturas."))
    edges = await _edges(mine, query.resolucion, start, stop)
    if not edges:
        return []
    period = PERIODS.get(query.resolucion)
    resolution = for_edges(period, edges) if period else Resolution.QUARTER
    [bins] = await consumption(meters.history([mine]), [Question(mine.node, edges, resolution)], services().now())
    return [_window(b) for b in bins if b.summary.count or b.energy_wh]


@blueprint.get("/medidores/<esp_id>/historia/<magnitud>")
@says(lazy_gettext("El curso de una magnitud con a lo sumo unos 1.500 puntos, como lo dibujan las páginas"))
@asks(Tramo)
@answers(History)
async def course(esp_id: str, magnitud: str, query: Tramo) -> History:
    """The course of a magnitude."""
    magnitude = BY_NAME.get(magnitud) or abort(404)
    mine = await meters.mine_or_404(esp_id)
    start, stop = _range(query, LONGEST_S)
    return await history(meters.history([mine]), mine.node, magnitude.name, start, stop)


@blueprint.get("/medidores/<esp_id>/exportar")
@says(lazy_gettext("Todo lo que midió un medidor, como archivo"))
@asks(Archivo)
@answers(media=FILES)
async def export_meter(esp_id: str, query: Archivo) -> Response:
    """A file of a meter."""
    mine = await meters.mine_or_404(esp_id)
    return await file(_asked(query), [mine], named([]), mine.node.esp_id)


@blueprint.get("/consumo/exportar")
@says(lazy_gettext("La energía de algunos medidores, o de todos, como archivo"))
@asks(ArchivoDeVarios)
@answers(media=FILES)
async def export_consumption(query: ArchivoDeVarios) -> Response:
    """A file of several."""
    found = meters.chosen(await meters.mine(), query.nodo)
    return await file(_asked(query), found, [], "consumo")


@blueprint.get("/medidores/<esp_id>/vivo")
@says(lazy_gettext("Los valores de un medidor a medida que llegan (Server-Sent Events)"))
@answers(media=EVENTS)
async def live(esp_id: str) -> Response:
    """Live values."""
    return stream.events([await meters.mine_or_404(esp_id)])


@blueprint.get("/vivo")
@says(lazy_gettext("Los valores de todos sus medidores a medida que llegan (Server-Sent Events)"))
@answers(media=EVENTS)
async def live_all() -> Response:
    """Live values of all."""
    return stream.events(await meters.mine())


def _given(query: Tramo | Archivo, usual_s: int) -> tuple[int, int]:
    """The seconds that are asked for; without a beginning so many, or all where that is 0."""
    stop = services().now() if isinstance(query.hasta, UnsetType) else query.hasta
    usual = max(0, stop - usual_s) if usual_s else 0
    return usual if isinstance(query.desde, UnsetType) else query.desde, stop


def _range(query: Tramo, longest_s: int) -> tuple[int, int]:
    start, stop = _given(query, DAY_S)
    if not 0 < stop - start <= longest_s:
        days = longest_s // DAY_S
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            _("hasta debe ser posterior a desde, por %(days)s días a lo sumo.", days=days),
        )
    return start, stop


async def _edges(mine: Membership, grain: Grain, start: int, stop: int) -> list[int]:
    """Edges of the windows of which the store may have something, not too many of them."""
    span = await meters.history([mine]).span(mine.node.id)
    if span is None:
        return []
    found = []
    for edge in marks(grain, meters.zone_of(mine.node), max(start, span[0] - 1), min(stop, span[1])):
        found.append(edge)
        if len(found) > MOST_WINDOWS + 1:
            raise Refused(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                _("Son más de %(most)s ventanas: pida menos, o un archivo (/exportar).", most=MOST_WINDOWS),
            )
    return found


def _window(b: Consumption) -> Ventana:
    stats = b.summary.magnitudes.items()
    return Ventana(
        inicio=b.start,
        fin=b.end,
        energia_wh=max(0.0, b.energy_wh),
        estimada_wh=b.estimated_wh,
        cubierto_s=b.summary.covered_s,
        magnitudes={name: Rango(media=s.mean, minimo=s.min, maximo=s.max) for name, s in stats},
    )


def _asked(query: Archivo) -> Asked:
    start, stop = _given(query, 0)
    return Asked(formato=query.formato, resolucion=query.resolucion, desde=str(start), hasta=str(stop))
