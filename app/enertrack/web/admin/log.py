"""``/admin/auditoria``: what was done, by whom, when and from where."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quart import Blueprint, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.stores import audit as kept
from enertrack.stores.audit import PAGE, Sought
from enertrack.stores.broker.topics import is_meter_id
from enertrack.web.admin.access import only_administrators
from enertrack.web.admin.words import actions, details
from enertrack.web.services import services

MAX_NAME: Final = 80
MAX_ID: Final = 2**63 - 1
FIELDS: Final = ("accion", "persona", "medidor", "desde", "hasta")

blueprint = Blueprint("admin_log", __name__, url_prefix="/admin/auditoria")
only_administrators(blueprint)


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """The newest events that were asked for, or those before ``antes``."""
    zone = services().settings.zone
    before = request.args.get("antes", type=int)
    before = before if before is not None and 0 < before <= MAX_ID else None
    asked = {name: request.args.get(name, "").strip()[:MAX_NAME] for name in FIELDS}
    known = actions()
    events = await kept.events(services().engine, _sought(asked, zone), before)
    return await render_template(
        "admin/log.html",
        events=events,
        asked={name: value for name, value in asked.items() if value},
        actions=known,
        details=details,
        before=before,
        more=events[-1].id if len(events) == PAGE else None,
        zone=zone,
    )


def _sought(asked: dict[str, str], zone: ZoneInfo) -> Sought:
    """What cannot be is not looked for."""
    until = _day(asked["hasta"], zone, 1)
    esp_id = asked["medidor"].upper()
    values: dict[str, Any] = {
        "accion": asked["accion"] if asked["accion"] in actions() else None,
        "usuario": asked["persona"] or None,
        "esp_id": esp_id if is_meter_id(esp_id) else None,
        "since": _day(asked["desde"], zone),
        "until": until,
    }
    return Sought(**values)


def _day(text: str, zone: ZoneInfo, later: int = 0) -> datetime | None:
    """When a day of that zone, or the one after it, begins."""
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
