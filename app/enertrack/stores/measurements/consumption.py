"""Consumption of a node out of its stored windows."""

from typing import Final, Protocol

from enertrack.domain import summary
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.stores.measurements.protocol import Measurements

_MARGIN_S: Final = {Resolution.QUARTER: 2 * QUARTER_S, Resolution.HOUR: 2 * HOUR_S, Resolution.DAY: 48 * HOUR_S}
"""Two windows: as a rule the neighbours of a range lie within them, and one question answers all."""


class Metered(Protocol):
    """A node, as far as its energy depends on it."""

    @property
    def id(self) -> int:
        """The node's id."""

    @property
    def potencia_max_w(self) -> float:
        """Its rated power in W."""


async def consumption(
    store: Measurements, node: Metered, edges: list[int], resolution: Resolution
) -> list[summary.Consumption]:
    """Energy of each bin between neighbouring ``edges`` (rising Unix seconds).

    ``resolution`` is one that no edge cuts (``domain.resolution.for_edges``). Energy that was used across
    an edge is shared by time, however far the reading on its other side lies. Raises ``Unavailable``.
    """
    start, stop, margin = edges[0], edges[-1], _MARGIN_S[resolution]
    found = (await store.windows(resolution, [node.id], start - margin, stop + margin))[node.id]
    before = next((w for w in reversed(found) if w.start < start and w.summary.first), None)
    after = next((w for w in found if w.start >= stop and w.summary.first), None)
    windows = [
        before or await store.window_before(resolution, node.id, start - margin),
        *(w for w in found if start <= w.start < stop),
        after or await store.window_after(resolution, node.id, stop + margin),
    ]
    return summary.consumption([w for w in windows if w], edges, node.potencia_max_w)
