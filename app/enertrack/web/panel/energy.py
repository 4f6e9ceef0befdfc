"""Energy of today and of this month."""

from collections.abc import Iterable, Sequence

import msgspec

from enertrack.domain.calendar import Period, day_edges, edges, local_date
from enertrack.domain.resolution import Resolution
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.meters import zone_of


class Energy(msgspec.Struct, frozen=True):
    """Wh since the local midnight and since the month's first."""

    today_wh: float = 0.0
    month_wh: float = 0.0


async def so_far(store: History, nodes: Sequence[Node], now: int) -> dict[int, Energy]:
    """Energy by node id, each node in its own zone. Raises Unavailable."""
    found = await consumption(store, [Question(n, _edges(n, now), Resolution.DAY) for n in nodes], now)
    return {
        n.id: Energy(bins[-1].energy_wh, sum(b.energy_wh for b in bins)) for n, bins in zip(nodes, found, strict=True)
    }


def total(energies: Iterable[Energy]) -> Energy:
    """All of them together."""
    known = list(energies)
    return Energy(sum(e.today_wh for e in known), sum(e.month_wh for e in known))


def _edges(node: Node, now: int) -> list[int]:
    """The month's first, this midnight and the next."""
    zone = zone_of(node)
    today = local_date(now, zone)
    return sorted({edges(Period.DAY, today, zone)[0], *day_edges(today, zone)})
