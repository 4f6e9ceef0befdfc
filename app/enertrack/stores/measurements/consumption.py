"""Consumption of nodes out of their stored windows, with one question to the store for all of them as a rule."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from enertrack.domain import summary
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.domain.summary import Consumption, Window
from enertrack.stores.measurements.protocol import History

_MARGIN_S: Final = {Resolution.QUARTER: 2 * QUARTER_S, Resolution.HOUR: 2 * HOUR_S, Resolution.DAY: 48 * HOUR_S}
"""Two windows: where the registers on either side of a range nearly always are; else the store is asked for them."""


class Metered(Protocol):
    """A node, as far as its energy depends on it."""

    @property
    def id(self) -> int:
        """The node's id."""

    @property
    def potencia_max_w(self) -> float:
        """Its rated power in W."""


class Question(msgspec.Struct, frozen=True):
    """Energy of a node between neighbouring ``edges`` (rising Unix seconds).

    ``resolution`` is one that no edge cuts (``domain.resolution.for_edges``).
    """

    node: Metered
    edges: list[int]
    resolution: Resolution


async def consumption(store: History, questions: Sequence[Question], now: int) -> list[list[Consumption]]:
    """The bins of each question; after ``now`` (Unix seconds) no reading is looked for but close to a range.

    Energy that was used across an edge is shared by time, however far the reading on its other side
    lies. Raises ``Unavailable``.
    """
    groups: defaultdict[Resolution, list[Question]] = defaultdict(list)
    for q in questions:
        groups[q.resolution].append(q)
    found = await asyncio.gather(*(_windows(store, r, group) for r, group in groups.items()))
    by_resolution = dict(zip(groups, found, strict=True))
    return await asyncio.gather(*(_bins(store, q, by_resolution[q.resolution][q.node.id], now) for q in questions))


async def _windows(store: History, resolution: Resolution, group: list[Question]) -> dict[int, list[Window]]:
    margin = _MARGIN_S[resolution]
    start, stop = min(q.edges[0] for q in group) - margin, max(q.edges[-1] for q in group) + margin
    return await store.windows(resolution, [q.node.id for q in group], start, stop)


async def _bins(store: History, q: Question, found: list[Window], now: int) -> list[Consumption]:
    start, stop = q.edges[0], q.edges[-1]
    after = next((w for w in found if w.start >= stop and w.summary.first), None)
    if after is None and stop < now:
        after = await store.window_after(q.resolution, q.node.id, stop)
    inside = [w for w in found if start <= w.start < stop]
    before = next((w for w in reversed(found) if w.start < start and w.summary.first), None)
    if before is None and (after is not None or inside):
        before = await store.window_before(q.resolution, q.node.id, start)
    return summary.consumption([w for w in (before, *inside, after) if w], q.edges, q.node.potencia_max_w)
