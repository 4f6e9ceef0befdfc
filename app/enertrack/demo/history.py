"""Invented history, written straight to the stores."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Final

from msgspec import structs

from enertrack.demo.places import Site
from enertrack.domain.calendar import day_edges, local_date
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import QUARTER_S, quarter_of
from enertrack.ingest.rollup import Group, recompute
from enertrack.stores.measurements.protocol import Measurements, NodeReading
from enertrack.stores.nodes import Node

DAYS: Final = 396
"""13 months."""
DAY_S: Final = 86_400
RECENT_S: Final = 7 * DAY_S
MINUTE_S: Final = 60
PIECE: Final = 4_000


def first_second(site: Site, now: int, days: int = DAYS) -> int:
    """Where a history of so many days begins: with a day."""
    start, _ = day_edges(local_date(now - days * DAY_S, site.zone), site.zone)
    return start + 1


async def newest(store: Measurements, node_id: int) -> Reading | None:
    """The newest reading that is stored of a node."""
    span = await store.span(node_id)
    return (await store.latest([node_id], span[1] - 1))[node_id] if span else None


async def fill(store: Measurements, node: Node, readings: Iterator[Reading]) -> AsyncIterator[Reading]:
    """Write readings with their summaries piece by piece; yields the newest of each piece.

    What was written before an interruption is whole, so that the next start goes on from there.
    """
    while piece := list(islice(readings, PIECE)):
        await store.write([NodeReading(node.id, reading) for reading in piece])
        stop = quarter_of(piece[-1].t) + QUARTER_S
        await recompute(store, {node.id: node}, Group(quarter_of(piece[0].t), stop, [node.id]))
        yield piece[-1]


def invent(site: Site, last: Reading | None, begin: int, now: int) -> Iterator[Reading]:
    """The readings after ``last``, or from an opening one at ``begin``, that end before ``now``.

    One each 15 minutes, and each minute of the last week. The register goes on where it stopped.
    """
    if last is None:
        last = structs.replace(site.reading(begin, 0, 0.0), seq=0)
        yield last
    while (t := _next_end(last.t, now)) < now:
        reading = site.reading(t, t - last.t, last.energia_wh or 0.0)
        last = structs.replace(reading, seq=(last.seq or 0) + 1)
        yield last


def _next_end(t: int, now: int) -> int:
    step = QUARTER_S if t + QUARTER_S <= now - RECENT_S else MINUTE_S
    return t // step * step + step
