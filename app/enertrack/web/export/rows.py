"""The rows of a file, read from the store slice by slice so that memory does not grow with the range."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from enertrack.domain.resolution import Resolution, for_edges
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import History
from enertrack.stores.nodes import Node
from enertrack.web.export.ahead import ahead
from enertrack.web.export.columns import Numbers, Rows, bin_columns, bin_numbers, reading_columns, reading_numbers
from enertrack.web.export.grain import PERIODS, Grain, marks, slices
from enertrack.web.magnitudes import Magnitude
from enertrack.web.meters import zone_of

SLICE: Final = 4000
"""Rows of a slice: two hundredths of a second of work, between which other requests are answered."""
T = TypeVar("T")
Reads: TypeAlias = Coroutine[Any, Any, Callable[[], Rows]]
"""What reads a slice, and ends with what makes its rows."""


class Part(msgspec.Struct, frozen=True):
    """A node and the seconds (start, stop] of it that are wanted."""

    node: Node
    start: int
    stop: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a file shall hold; energy is in each one."""

    parts: list[Part]
    grain: Grain
    magnitudes: list[Magnitude]

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return reading_columns(self.magnitudes) if self.grain is Grain.RAW else bin_columns(self.magnitudes)


async def rows(store: History, wanted: Wanted, now: int) -> AsyncIterator[Rows]:
    """Rows in slices: meter after meter, each in the order of time; a bin of which nothing is known has none.

    Raises Unavailable.
    """
    async with aclosing(ahead(_slices(store, wanted, now))) as found:
        async for make in found:
            yield await asyncio.to_thread(make)  # meanwhile the store answers the next question


async def _slices(store: History, wanted: Wanted, now: int) -> AsyncGenerator[Reads]:
    for part in wanted.parts:
        known = await _known(store, part)
        if known is None:
            continue
        reads = _readings(store, known, wanted) if wanted.grain is Grain.RAW else _bins(store, known, wanted, now)
        for read in reads:
            yield read


async def _known(store: History, part: Part) -> Part | None:
    """The part of it that the store may have something of."""
    span = await store.span(part.node.id)
    if span is None:
        return None
    start, stop = max(part.start, span[0] - 1), min(part.stop, span[1])
    return msgspec.structs.replace(part, start=start, stop=stop) if start < stop else None


def _readings(store: History, part: Part, wanted: Wanted) -> Iterator[Reads]:
    node, numbers = part.node, reading_numbers(wanted.magnitudes)
    step = SLICE * node.intervalo_s

    async def read(start: int) -> Callable[[], Rows]:
        found = (await store.readings([node.id], start, min(start + step, part.stop)))[node.id]
        return partial(_rows, node, [r.t for r in found], numbers, found)

    return map(read, range(part.start, part.stop, step))


def _bins(store: History, part: Part, wanted: Wanted, now: int) -> Iterator[Reads]:
    node, numbers = part.node, bin_numbers(wanted.magnitudes)
    period = PERIODS.get(wanted.grain)

    async def read(edges: list[int]) -> Callable[[], Rows]:
        resolution = for_edges(period, edges) if period else Resolution.QUARTER
        [bins] = await consumption(store, [Question(node, edges, resolution)], now)
        known = [b for b in bins if b.summary.count or b.energy_wh]
        return partial(_rows, node, [b.start for b in known], numbers, known)

    return map(read, slices(marks(wanted.grain, zone_of(node), part.start, part.stop), SLICE))


def _rows(node: Node, seconds: list[int], numbers: Callable[[T], Numbers], some: Sequence[T]) -> Rows:
    return Rows(node.nombre, node.esp_id, zone_of(node), seconds, list(map(numbers, some)))
