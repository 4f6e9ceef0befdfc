"""The original's points as readings in the store, with their summaries."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.leaves import Round, add, close
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import QUARTER_S, quarter_of
from enertrack.ingest.reconcile import differing, spans
from enertrack.ingest.rollup import Group, groups, recompute
from enertrack.original.points import Point
from enertrack.stores.audit import record
from enertrack.stores.broker.topics import V1_LEAVES
from enertrack.stores.measurements.protocol import Measurements, NodeReading
from enertrack.stores.nodes import Delivery, Node, record_deliveries

PIECE: Final = 5_000
GAP_S: Final = 86_400
ROUNDS: Final = 3
"""A running ingest may summarize the same day at the same moment; looked at again, it is right."""


class Kept(msgspec.Struct):
    """What became of a board's points; ``refused`` by reason."""

    readings: int = 0
    new: int = 0
    first: int = 0
    last: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)


def readings(points: Iterable[Point], refused: Counter[str]) -> Iterator[Reading]:
    """The readings of one board's points, as ingest would have made them when they arrived."""
    current: Round | None = None
    last = 0
    for t, leaves in groupby(points, key=lambda point: point.t):
        for leaf, value in {p.leaf: p.value for p in leaves}.items():
            current, finished, reason = add(current, V1_LEAVES[leaf], repr(value).encode(), t / 1e9)
            if reason:
                refused[reason] += 1
            if finished and finished.t > last:
                last = finished.t
                yield finished
    if current and (final := close(current)).t > last:
        yield final


def pieces(found: Iterable[Reading]) -> Iterator[list[Reading]]:
    """Readings in pieces with no long gap inside."""
    piece: list[Reading] = []
    for reading in found:
        if piece and (len(piece) == PIECE or reading.t - piece[-1].t > GAP_S):
            yield piece
            piece = []
        piece.append(reading)
    if piece:
        yield piece


async def keep(engine: AsyncEngine, store: Measurements, node: Node, found: Iterable[Point]) -> Kept:
    """Store the readings that are not there yet and see that all summaries follow. Raises Unavailable, DatabaseAway."""
    kept = Kept()
    for piece in pieces(readings(found, kept.refused)):
        kept.first = kept.first or piece[0].t
        kept.last = piece[-1].t
        kept.readings += len(piece)
        await _store(engine, store, node, piece, kept)
    if kept.last:
        await _mend(engine, store, node)
        moment = datetime.fromtimestamp(kept.last, UTC)
        await record_deliveries(engine, [Delivery(node.id, moment, moment)])
    return kept


async def _store(engine: AsyncEngine, store: Measurements, node: Node, piece: list[Reading], kept: Kept) -> None:
    start, stop = piece[0].t, piece[-1].t
    there = {r.t: r for r in (await store.readings([node.id], start - 1, stop))[node.id]}
    new = [r for r in piece if there.get(r.t) != r]
    if not new:
        return
    for refused in await store.write([NodeReading(node.id, r) for r in new]):
        kept.refused[f"almacen: {refused.reason}"] += 1
    kept.new += len(new)
    await _summarize(engine, store, node, Group(quarter_of(start), quarter_of(stop) + QUARTER_S, [node.id]))


async def _summarize(engine: AsyncEngine, store: Measurements, node: Node, group: Group) -> None:
    for unusual in await recompute(store, {node.id: node}, group):
        detail = {"desde": unusual.start, **{step.value: n for step, n in unusual.steps.items()}}
        await record(engine, "registro_inusual", momento=datetime.now(UTC), nodo_id=node.id, detalle=detail)


async def _mend(engine: AsyncEngine, store: Measurements, node: Node) -> None:
    """What an interruption left between readings and summaries."""
    now = int(time.time())
    for start, stop in await spans(store, node, 0, now):
        for _ in range(ROUNDS):
            wrong = await differing(store, node, start, stop)
            for group in groups({node.id: wrong}):
                await _summarize(engine, store, node, group)
            if not wrong:
                break
