"""A meter's energy of today and of this month beside what it was at this time yesterday and a month ago."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from enertrack.domain.calendar import day_edges, local_date, month_before, same_clock
from enertrack.domain.calendar import days as calendar_days
from enertrack.domain.resolution import QUARTER_S, Resolution
from enertrack.domain.summary import Consumption
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Membership, Node
from enertrack.stores.tables import Role
from enertrack.web import meters, spark
from enertrack.web.services import services
from enertrack.web.together import MOSTLY, Told, told

MINUTE_S: Final = 60
DAY_S: Final = 86_400
DAY: Final = timedelta(days=1)


class Comparison(msgspec.Struct, frozen=True):
    """Energy in Wh of meters that were there both now and then."""

    now_wh: float
    then_wh: float

    @property
    def change(self) -> float | None:
        """How much more it is (0.1: a tenth), None where there was nothing."""
        return self.now_wh / self.then_wh - 1 if self.then_wh > 0 else None


class Figures(msgspec.Struct, frozen=True):
    """What was measured each day of the month until now, where anything was, by local date; ``today`` is the last one.

    ``day`` compares with as much of yesterday, ``month`` with as much of the month before: those days that both have.
    They are None where the meter was not there for most of both. ``course`` is the power of the last 24 hours as a
    small line (web/spark.py).
    """

    days: dict[date, Told]
    today: Told | None
    day: Comparison | None
    month: Comparison | None
    course: list[str]

    @property
    def today_wh(self) -> float | None:
        """Wh since the local midnight, None where nothing was said."""
        return self.today.wh if self.today else None

    @property
    def month_wh(self) -> float | None:
        """Wh since the month's first."""
        return sum(t.wh for t in self.days.values()) if self.days else None


class _Days(msgspec.Struct, frozen=True):
    """The moments that a node's figures lie between; ``then`` is this time a month ago, within the day ``then_day``.

    Where the month before had no such day, ``then`` is its end, and this month is compared until ``as_far``.
    """

    today: date
    month: int
    tomorrow: int
    yesterday: int
    yesterday_now: int
    last_month: int
    then_day: int
    then: int
    as_far: int


async def figures(memberships: Sequence[Membership]) -> dict[int, Figures]:
    """Figures by node id, at most a minute old unless a meter has delivered since. Raises Unavailable."""
    minute = services().now() // MINUTE_S
    questions = [(_as_anybody(m), minute) for m in memberships]
    found = await services().recent.of(questions, _ask)
    return {m.node.id: found[m, minute] for m, minute in questions}


def _as_anybody(m: Membership) -> Membership:
    """The same for all who see as much of a meter."""
    return msgspec.structs.replace(m, rol=Role.LECTOR, ubicacion=None, ultimo_acceso=None)


async def _ask(questions: list[tuple[Membership, int]]) -> dict[tuple[Membership, int], Figures]:
    nodes = [m.node for m, _ in questions]
    found = await measure(meters.history(m for m, _ in questions), nodes, services().now())
    return {question: found[question[0].node.id] for question in questions}


async def measure(store: History, nodes: Sequence[Node], now: int) -> dict[int, Figures]:
    """Figures by node id, each node in its own zone. Raises Unavailable."""
    days = [_days(n, now) for n in nodes]
    pairs = list(zip(nodes, days, strict=True))
    by_day, by_quarter, then = await asyncio.gather(
        consumption(store, [Question(n, _month_edges(n, d), Resolution.DAY) for n, d in pairs], now),
        consumption(store, [Question(n, _quarters(d.yesterday, now), Resolution.QUARTER) for n, d in pairs], now),
        consumption(store, [Question(n, _quarters(d.then_day, d.then), Resolution.QUARTER) for n, d in pairs], now),
    )
    found = zip(nodes, days, by_day, by_quarter, then, strict=True)
    return {n.id: _figures(n, d, bins, quarters, part, now) for n, d, bins, quarters, part in found}


def _days(node: Node, now: int) -> _Days:
    zone = meters.zone_of(node)
    today = local_date(now, zone)
    then = month_before(today)

    def start(day: date) -> int:
        return day_edges(day, zone)[0]

    shorter = then.day < today.day
    return _Days(
        today=today,
        month=start(today.replace(day=1)),
        tomorrow=start(today + DAY),
        yesterday=start(today - DAY),
        yesterday_now=same_clock(now, today - DAY, zone),
        last_month=start(then.replace(day=1)),
        then_day=start(then),
        then=start(then + DAY) if shorter else same_clock(now, then, zone),
        as_far=start(today.replace(day=then.day) + DAY) if shorter else now,
    )


def _month_edges(n: Node, d: _Days) -> list[int]:
    return calendar_days(d.last_month, d.tomorrow, meters.zone_of(n))


def _quarters(start: int, now: int) -> list[int]:
    """Edges of quarters of an hour from ``start`` to the end of that of ``now``, one at least."""
    return list(range(start, max(now, start + 1) + QUARTER_S, QUARTER_S))


def _figures(  # noqa: PLR0913, PLR0917 - the answers to three questions about one node
    node: Node,
    d: _Days,
    bins: Sequence[Consumption],
    quarters: Sequence[Consumption],
    part: Sequence[Consumption],
    now: int,
) -> Figures:
    zone = meters.zone_of(node)
    month = [b for b in bins if b.start >= d.month]
    days = {local_date(b.start, zone): t for b in month if (t := told(b, now)) is not None}
    before = [*(b for b in bins if b.start < d.then_day), *part]
    return Figures(
        days=days,
        today=days.get(d.today),
        day=_compared(_so_far(month[-1:], now), _until(quarters, d.yesterday_now)),
        month=_compared(_so_far([b for b in month if b.start < d.as_far], now), _until(before, d.then)),
        course=spark.lines([(_place(q, now), _mean_w(q)) for q in quarters if now - DAY_S <= q.start < now], low=0.0),
    )


def _compared(now_wh: float | None, then_wh: float | None) -> Comparison | None:
    return None if now_wh is None or then_wh is None else Comparison(now_wh, then_wh)


def _place(q: Consumption, now: int) -> float:
    return ((q.start + q.end) / 2 - now + DAY_S) / DAY_S


def _mean_w(q: Consumption) -> float | None:
    """Mean power of a quarter of an hour, None where no reading says it."""
    stat = q.summary.magnitudes.get("potencia")
    return stat.mean if stat else None


def _so_far(bins: Sequence[Consumption], now: int) -> float | None:
    """Energy of bins of which the last may not be over, None where less than most of it was measured."""
    passed_s = sum(min(b.end, now) - b.start for b in bins)
    covered_s = sum(b.summary.covered_s for b in bins)
    return sum(b.energy_wh for b in bins) if passed_s > 0 and covered_s >= MOSTLY * passed_s else None


def _until(bins: Sequence[Consumption], t: int) -> float | None:
    """Energy until ``t`` by time, None where less than most of it was measured."""
    parts = [(b, min(1.0, (t - b.start) / (b.end - b.start))) for b in bins if b.start < t]
    covered_s = sum(part * b.summary.covered_s for b, part in parts)
    length_s = sum(part * (b.end - b.start) for b, part in parts)
    return sum(part * b.energy_wh for b, part in parts) if length_s and covered_s >= MOSTLY * length_s else None
