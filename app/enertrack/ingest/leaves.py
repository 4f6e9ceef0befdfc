"""Boards of the original: seven topics of one number each, which rounds make into readings.

Only one ingest holds these subscriptions, as a round's leaves must come to the same one. They come at
QoS 0 and are not confirmed; their ``ack`` carries only the times, for the summaries.
"""

import asyncio
import contextlib
import time
from functools import partial
from typing import Final, NamedTuple

import msgspec

from enertrack.domain.boards import of_board
from enertrack.domain.leaves import ROUND_S, Round, add, close
from enertrack.domain.reading import Reading
from enertrack.ingest.batch import MAX_LINES
from enertrack.ingest.context import Ingest
from enertrack.ingest.readings import write
from enertrack.ingest.turns import in_turn
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import BrokerAway, Incoming, Link, connect
from enertrack.stores.measurements.protocol import NodeReading
from enertrack.stores.nodes import Node
from enertrack.stores.states import Lock
from enertrack.supervise import FINISH_S, finish, together

PART: Final = "placas originales"
WRITING: Final = f"{PART}/escritura"
LOCK: Final = "enertrack-v1"
TICK_S: Final = 1.0
CHECK_S: Final = 10.0


class Board(NamedTuple):
    """One of a node's boards, by its number."""

    node_id: int
    placa: int


Rounds = dict[Board, Round]
"""The rounds that are open."""


async def take_leaves(ingest: Ingest) -> None:
    """Hold the subscriptions while it is our turn. Raises BrokerAway, DatabaseAway."""
    await in_turn(ingest, PART, LOCK, partial(_hold, ingest))


async def _hold(ingest: Ingest, lock: Lock) -> None:
    async with connect(ingest.settings, client_id=f"{ingest.settings.enertrack_ingesta_id}-v1") as link:
        for leaf in topics.V1_LEAVES:
            await link.subscribe(topics.topic("+", leaf), 0)
        ingest.health.well(PART)
        rounds: Rounds = {}
        with ingest.health.watched(PART, WRITING):
            try:
                await together(_hear(ingest, link, rounds), _store(ingest, link), _keep(lock))
            finally:
                ingest.v1.extend(_taken(board, close(round_)) for board, round_ in rounds.items())
                await _store_rest(ingest, link)


async def _keep(lock: Lock) -> None:
    while await lock.still_held():  # noqa: ASYNC110 - the server does not tell by itself
        await asyncio.sleep(CHECK_S)


async def _hear(ingest: Ingest, link: Link, rounds: Rounds) -> None:
    while True:
        for message in await link.take_all(TICK_S):
            _leaf(ingest, rounds, message)
        now = time.time()
        for board in [b for b, r in rounds.items() if now - r.opened >= ROUND_S]:
            ingest.v1.append(_taken(board, close(rounds.pop(board))))
        ingest.health.well(PART)


def _leaf(ingest: Ingest, rounds: Rounds, message: Incoming) -> None:
    if message.retain:
        ingest.metrics.ignored.inc()
        return
    ingest.metrics.received.inc()
    topic = topics.parse(message.topic)
    node = ingest.directory.by_board.get(topic.esp_id) if topic else None
    if topic is None or node is None or not _is_v1(node):
        ingest.refuse("medidor_desconocido", message.topic, message.payload)
        return
    board = Board(node.id, node.placa)
    current, finished, reason = add(rounds.get(board), topic.kind, message.payload, message.at)
    _keep_round(rounds, board, current)
    if finished:
        ingest.v1.append(_taken(board, finished))
    if reason:
        ingest.refuse(reason, message.topic, message.payload)


def _taken(board: Board, reading: Reading) -> NodeReading:
    return NodeReading(board.node_id, of_board(reading, board.placa))


def _keep_round(rounds: Rounds, board: Board, current: Round | None) -> None:
    if current:
        rounds[board] = current
    else:
        rounds.pop(board, None)


def _is_v1(node: Node) -> bool:
    return node.protocolo == topics.V1 and len(node.esp_id) == topics.V1_ID_LENGTH


async def _store(ingest: Ingest, link: Link) -> None:
    while True:
        while ingest.v1:
            await finish(_store_some(ingest, link))
        ingest.health.progress(WRITING)
        await asyncio.sleep(TICK_S)


async def _store_rest(ingest: Ingest, link: Link) -> None:
    """What was heard before the end: these boards keep nothing, and what is not stored now is lost."""
    with contextlib.suppress(TimeoutError, BrokerAway):
        async with asyncio.timeout(FINISH_S):
            while ingest.v1:
                await _store_some(ingest, link)


async def _store_some(ingest: Ingest, link: Link) -> None:
    """Store what waits; it waits again, harmlessly, where the summaries could not be told."""
    lines = [ingest.v1[i] for i in range(min(MAX_LINES, len(ingest.v1)))]
    await write(ingest, WRITING, lines)
    now = time.time()
    for line in lines:
        node = ingest.directory.by_id.get(line.node_id)
        if node:
            await link.send(topics.ack(node.esp_id), _times(line.reading))
            ingest.delivered(node.id, line.reading.t, now)
    for line in lines:
        if ingest.v1 and ingest.v1[0] is line:  # a full queue has dropped its oldest meanwhile
            ingest.v1.popleft()


def _times(reading: Reading) -> bytes:
    return msgspec.json.encode({"t": (reading.t, reading.t)})
