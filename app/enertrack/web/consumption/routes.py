"""``/consumo``."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.domain.calendar import YEARS, Period, edges, local_date, previous
from enertrack.domain.submeters import under
from enertrack.stores.nodes import Membership
from enertrack.web import i18n, meters
from enertrack.web.auth import session
from enertrack.web.consumption.heat import heat
from enertrack.web.consumption.report import Bin, Past, Report, report
from enertrack.web.i18n import gettext as _
from enertrack.web.services import services
from enertrack.web.together import Parents

FIRST_YEAR, LAST_YEAR = 1980, 2900

blueprint = Blueprint("consumption", __name__)
session.only_users(blueprint)


class Choice(msgspec.Struct, frozen=True):
    """What the reader asked to see."""

    period: Period
    anchor: date
    esp_ids: list[str]


@blueprint.get("/consumo")
async def page() -> ResponseReturnValue:
    """Bars, table and totals of the chosen meters, all of them where none is chosen."""
    found = await meters.mine()
    chosen = _chosen(found)
    zone = meters.zone_of(chosen[0].node) if chosen else services().settings.zone
    now = services().now()
    choice = Choice(_period(), _anchor(now, zone), [m.node.esp_id for m in chosen])
    nodes, parents = [m.node for m in chosen], await meters.parents_of(found)
    energy = await report(meters.history(chosen), nodes, parents, choice.period, choice.anchor, now) if nodes else None
    return await render_template(
        "consumption/consumption.html",
        memberships=found,
        choice=choice,
        all_chosen=len(chosen) == len(found),
        report=energy,
        parts=_parts(chosen, parents),
        names=[bin_name(b, choice.period, zone) for b in energy.bins] if energy else [],
        peak_name=bin_name(energy.peak, choice.period, zone) if energy and energy.peak else None,
        since_before=_since(energy.before, choice.period, zone) if energy else None,
        since_year=_since(energy.last_year, choice.period, zone) if energy else None,
        heading=heading(choice),
        periods=_period_labels(),
        before=previous(choice.period, choice.anchor),
        after=_after(choice, now, zone),
        today=local_date(now, zone),
        first_day=local_date(energy.bins[0].start, zone) if energy else None,
        last_day=min(local_date(energy.bins[-1].end - 1, zone), local_date(now, zone)) if energy else None,
        zone=zone,
        chart=_chart(energy, choice.period, zone) if energy else None,
    )


@blueprint.get("/consumo/calor")
async def heat_page() -> ResponseReturnValue:
    """A year at a glance; the page asks for its hours itself."""
    found = await meters.mine()
    chosen = _chosen(found)
    zone = meters.zone_of(chosen[0].node) if chosen else services().settings.zone
    today = local_date(services().now(), zone)
    return await render_template(
        "consumption/heat.html",
        memberships=found,
        esp_ids=[m.node.esp_id for m in chosen],
        all_chosen=len(chosen) == len(found),
        year=_year(today),
        today=today,
        periods=_period_labels(),
    )


@blueprint.get("/consumo/calor/datos")
async def heat_data() -> Response:
    """Energy of each hour of the year ``anio``."""
    mine = await meters.mine()
    chosen, parents = _chosen(mine), await meters.parents_of(mine)
    now = services().now()
    zone = meters.zone_of(chosen[0].node) if chosen else services().settings.zone
    year = _year(local_date(now, zone))
    found = await heat(meters.history(chosen), [m.node for m in chosen], parents, year, now)
    return Response(msgspec.json.encode(found), content_type="application/json")


def heading(choice: Choice) -> str:
    """What the bars together are."""
    match choice.period:
        case Period.HOUR:
            return i18n.day(choice.anchor, "EEEE d 'de' MMMM 'de' y" if i18n.language() == "es" else "EEEE d MMMM y")
        case Period.DAY:
            return i18n.day(choice.anchor, "MMMM 'de' y" if i18n.language() == "es" else "MMMM y")
        case Period.MONTH:
            return i18n.day(choice.anchor, "y")
        case Period.YEAR:
            return f"{choice.anchor.year - YEARS + 1} - {choice.anchor.year}"


def bin_name(b: Bin, period: Period, zone: ZoneInfo, *, short: bool = False) -> str:
    """What one bar is called."""
    match period:
        case Period.HOUR:
            return b.label
        case Period.DAY:
            return i18n.moment(b.start, zone, "d" if short else "EEE d MMM")
        case Period.MONTH:
            return i18n.moment(b.start, zone, "LLL" if short else "LLLL")
        case Period.YEAR:
            return b.label


def _since(past: Past | None, period: Period, zone: ZoneInfo) -> str | None:
    """Its first bar's name where that is not the first, with the year of a month: it is another than those on show."""
    b = past.since if past else None
    if b is None:
        return None
    return i18n.moment(b.start, zone, "LLLL y") if period is Period.MONTH else bin_name(b, period, zone)


class Part(msgspec.Struct, frozen=True):
    """A chosen meter and how deep it lies under other chosen ones."""

    membership: Membership
    depth: int


def _parts(chosen: Sequence[Membership], parents: Parents) -> list[Part]:
    by_id = {m.node.id: m for m in chosen}
    return [Part(by_id[i], depth) for i, depth in under(parents, list(by_id))]


def _period_labels() -> dict[Period, str]:
    return {
        Period.HOUR: _("Hora"),
        Period.DAY: _("Día"),
        Period.MONTH: _("Mes"),
        Period.YEAR: _("Año"),
    }


def _chart(energy: Report, period: Period, zone: ZoneInfo) -> str:
    year = energy.last_year.bins if energy.last_year else [None] * len(energy.bins)
    rows = [
        {
            "nombre": bin_name(b, period, zone, short=True),
            "titulo": bin_name(b, period, zone),
            "kwh": _kwh(b),
            "antes": _kwh(before),
            "anio": _kwh(a_year_ago),
            "estimado": b.estimated_wh > 0,
        }
        for b, before, a_year_ago in zip(energy.bins, energy.before.bins, year, strict=True)
    ]
    return msgspec.json.encode(rows).decode()


def _kwh(b: Bin | None) -> float | None:
    return None if b is None or b.energy_wh is None else round(max(0.0, b.energy_wh) / 1000, 3)


def _chosen(found: list[Membership]) -> list[Membership]:
    return meters.chosen(found, request.args.getlist("nodo"))


def _period() -> Period:
    try:
        return Period(request.args.get("periodo", Period.DAY))
    except ValueError:
        return Period.DAY


def _year(today: date) -> int:
    """The chosen year, this one where none was or it makes no sense."""
    text = request.args.get("anio", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) == len("2026") else today.year
    return asked if FIRST_YEAR <= asked <= LAST_YEAR else today.year


def _anchor(now: int, zone: ZoneInfo) -> date:
    """The chosen date, today's at the place where none was or it makes no sense."""
    try:
        asked = date.fromisoformat(request.args.get("fecha", ""))
    except ValueError:
        return local_date(now, zone)
    return asked if FIRST_YEAR <= asked.year <= LAST_YEAR else local_date(now, zone)


def _after(choice: Choice, now: int, zone: ZoneInfo) -> date | None:
    """An anchor of the bars after these, None where they lie ahead of today."""
    today = local_date(now, zone)
    first = local_date(edges(choice.period, choice.anchor, zone)[-1], zone)
    if first > today:
        return None
    return min(today, date(first.year + YEARS - 1, 1, 1)) if choice.period is Period.YEAR else first
