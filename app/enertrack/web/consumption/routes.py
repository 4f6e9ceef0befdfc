"""``/consumo``."""

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from quart import Blueprint, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.domain.calendar import YEARS, Period, edges, local_date, previous
from enertrack.stores.nodes import Membership
from enertrack.web import i18n, meters
from enertrack.web.auth import session
from enertrack.web.consumption.report import Bin, report
from enertrack.web.i18n import gettext as _
from enertrack.web.services import services

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
    nodes = [m.node for m in chosen]
    energy = await report(meters.history(chosen), nodes, choice.period, choice.anchor, now) if nodes else None
    names = [bin_name(b, choice.period, zone) for b in energy.bins] if energy else []
    return await render_template(
        "consumption/consumption.html",
        memberships=found,
        choice=choice,
        all_chosen=len(chosen) == len(found),
        report=energy,
        names=names,
        peak_name=bin_name(energy.peak, choice.period, zone) if energy and energy.peak else None,
        before_since=_since(energy.before_since, choice.period, zone) if energy else None,
        heading=heading(choice),
        periods=_period_labels(),
        before=previous(choice.period, choice.anchor),
        after=_after(choice, now, zone),
        today=local_date(now, zone),
        chart=_chart(energy.bins, choice.period, zone) if energy else None,
    )


def heading(choice: Choice) -> str:
    """What the bars together are."""
    match choice.period:
        case Period.HOUR:
            return i18n.day(choice.anchor, "EEEE d 'de' MMMM 'de' y" if i18n.language() == "es" else "EEEE, MMMM d, y")
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


def _since(b: Bin | None, period: Period, zone: ZoneInfo) -> str | None:
    """The bar's name, with the year of a month, as it lies in another one than those on show."""
    if b is None:
        return None
    return i18n.moment(b.start, zone, "LLLL y") if period is Period.MONTH else bin_name(b, period, zone)


def _period_labels() -> dict[Period, str]:
    return {
        Period.HOUR: _("Hora"),
        Period.DAY: _("Día"),
        Period.MONTH: _("Mes"),
        Period.YEAR: _("Año"),
    }


def _chart(bins: list[Bin], period: Period, zone: ZoneInfo) -> str:
    rows = [
        {
            "nombre": bin_name(b, period, zone, short=True),
            "titulo": bin_name(b, period, zone),
            "kwh": None if b.energy_wh is None else round(max(0.0, b.energy_wh) / 1000, 3),
            "estimado": b.estimated_wh > 0,
        }
        for b in bins
    ]
    return msgspec.json.encode(rows).decode()


def _chosen(found: list[Membership]) -> list[Membership]:
    asked = set(request.args.getlist("nodo"))
    return [m for m in found if m.node.esp_id in asked] or found


def _period() -> Period:
    try:
        return Period(request.args.get("periodo", Period.DAY))
    except ValueError:
        return Period.DAY


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
