"""The history as one person may read it: nothing that was measured before a meter was theirs."""
# ruff: noqa: D102 - the protocol tells what the methods do

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import HOUR_S, QUARTER_S, Resolution
from enertrack.domain.summary import Window, summarize
from enertrack.stores.measurements.protocol import History

_LONGEST_S: Final = {Resolution.QUARTER: QUARTER_S, Resolution.HOUR: HOUR_S, Resolution.DAY: 25 * HOUR_S}


class Bound(msgspec.Struct, frozen=True):
    """A node's readings count from the second after ``t`` on; ``potencia_max_w`` is its rated power in W."""

    t: int
    potencia_max_w: float


class Since:
    """``History`` without what lies before each node's bound; the window that a bound cuts tells the rest of it.

    A node without a bound has its whole history.
    """

    def __init__(self, store: History, bounds: Mapping[int, Bound]) -> None:
        self._store = store
        self._bounds = bounds

    def _first(self, node_ids: Iterable[int], start: int, before_s: int = 0) -> int:
        """Where to begin to read: no later than any of the nodes needs."""
        return max(start, min((self._t(n) for n in node_ids), default=start) - before_s)

    def _t(self, node_id: int) -> int:
        return self._bounds[node_id].t if node_id in self._bounds else 0

    async def readings(self, node_ids: Iterable[int], start: int, stop: int) -> dict[int, list[Reading]]:
        ids = list(node_ids)
        found = await self._store.readings(ids, self._first(ids, start), stop)
        return {n: [r for r in found[n] if r.t > self._t(n)] for n in ids}

    async def latest(self, node_ids: Iterable[int], since: int) -> dict[int, Reading]:
        found = await self._store.latest(node_ids, since)
        return {n: r for n, r in found.items() if r.t > self._t(n)}

    async def windows(
        self, resolution: Resolution, node_ids: Iterable[int], start: int, stop: int
    ) -> dict[int, list[Window]]:
        ids = list(node_ids)
        found = await self._store.windows(resolution, ids, self._first(ids, start, _LONGEST_S[resolution]), stop)
        return {n: [seen for w in found[n] if (seen := await self._seen(n, w))] for n in ids}

    async def window_before(self, resolution: Resolution, node_id: int, start: int) -> Window | None:
        found = await self._store.window_before(resolution, node_id, start)
        return await self._with_register(node_id, found)

    async def window_after(self, resolution: Resolution, node_id: int, stop: int) -> Window | None:
        start = self._first([node_id], stop, _LONGEST_S[resolution])
        while found := await self._store.window_after(resolution, node_id, start):
            if seen := await self._with_register(node_id, found):
                return seen
            start = found.end
        return None

    async def span(self, node_id: int) -> tuple[int, int] | None:
        found = await self._store.span(node_id)
        if found is None or found[1] <= self._t(node_id):
            return None
        return max(found[0], self._t(node_id) + 1), found[1]

    async def _with_register(self, node_id: int, found: Window | None) -> Window | None:
        seen = await self._seen(node_id, found) if found else None
        return seen if seen and seen.summary.first else None

    async def _seen(self, node_id: int, window: Window) -> Window | None:
        """What may be read of a window; where the bound cuts it, that is told by its readings."""
        bound = self._bounds.get(node_id)
        if bound is None or window.start >= bound.t:
            return window
        if window.end <= bound.t:
            return None
        readings = (await self._store.readings([node_id], bound.t, window.end))[node_id]
        return Window(window.start, window.end, summarize(readings, bound.potencia_max_w)) if readings else None
