"""What a file was asked for in an address."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from quart import abort

from enertrack.domain.calendar import day_edges
from enertrack.stores.nodes import Node
from enertrack.web.api.problems import Refused
from enertrack.web.export.grain import Grain
from enertrack.web.export.rows import Part, Wanted
from enertrack.web.i18n import gettext as _
from enertrack.web.magnitudes import ALL, Magnitude
from enertrack.web.meters import zone_of

DIGITS: Final = 10
"""Of a Unix second: up to the year 2286, no more than a database holds."""
FIRST_YEAR: Final = 1980
LAST_YEAR: Final = 2200


class Format(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """``desde`` and ``hasta`` are Unix seconds, or days of each meter's place, the last one whole."""

    formato: Format = Format.CSV
    resolucion: Grain = Grain.HOUR
    desde: str | None = None
    hasta: str | None = None


def asked(values: Mapping[str, str]) -> Asked:
    """What an address asks for; an empty value is none. Refuses (400) what makes no sense."""
    try:
        return msgspec.convert({k: v for k, v in values.items() if v}, Asked)
    except msgspec.ValidationError:
        abort(400)


def wanted(asked: Asked, nodes: Iterable[Node], magnitudes: list[Magnitude], now: int) -> Wanted:
    """The same with the seconds that it means at each place; without ``desde`` from the first reading on.

    Raises Refused where it ends before it begins, or begins in the future.
    """
    parts = [_part(asked, node, now) for node in nodes]
    return Wanted(parts=parts, grain=asked.resolucion, magnitudes=magnitudes)


def named(names: list[str]) -> list[Magnitude]:
    """Magnitudes by name, all where none is named. Refuses (400) a name that is none's."""
    if not set(names) <= {m.name for m in ALL}:
        abort(400)
    return [m for m in ALL if m.name in names or not names]


def _part(asked: Asked, node: Node, now: int) -> Part:
    zone = zone_of(node)
    start = _second(asked.desde, zone, 0) if asked.desde else 0
    stop = _second(asked.hasta, zone, 1) if asked.hasta else now
    if start >= stop:
        backwards = _("El tramo termina antes de empezar: elija un «Hasta» posterior a «Desde».")
        ahead = _("«Desde» todavía no llegó: elija una fecha anterior.")
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, backwards if asked.hasta else ahead)
    return Part(node, start, stop)


def _second(text: str, zone: ZoneInfo, days: int) -> int:
    """Unix seconds, or the local midnight ``days`` after a date."""
    if text.isascii() and text.isdigit() and len(text) <= DIGITS:
        return int(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        abort(400)
    return day_edges(day + timedelta(days), zone)[0]
