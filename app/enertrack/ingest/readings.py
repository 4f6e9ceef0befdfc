"""The loop that takes readings from the broker, stores them in groups and confirms them.

A message is acknowledged to the broker, and confirmed to its meter, only once its readings are stored:
while the store is away nothing is acknowledged, and the broker stops sending at its limit.
"""

import asyncio
import time
from collections import deque
from typing import Final

from enertrack.ingest.batch import Plan, confirmations, gather
from enertrack.ingest.context import IDLE_S, Ingest
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Incoming, Link, connect
from enertrack.stores.measurements.protocol import NodeReading, Refused
from enertrack.supervise import finish

PART: Final = "lecturas"
APART_S: Final = 0.05
DRAINED_S: Final = 5.0


def wanted(*, shared: bool) -> str:
    """The subscription to all meters' readings, or to this ingest's share of them."""
    plain = topics.medicion("+")
    return topics.shared(plain) if shared else plain


async def take_readings(ingest: Ingest) -> None:
    """Take, store and confirm for ever. Raises BrokerAway."""
    settings = ingest.settings
    await ingest.until_loaded(PART)
    async with connect(settings, client_id=settings.enertrack_ingesta_id, clean=False, manual_ack=True) as link:
        shared = settings.enertrack_ingesta_compartida
        await link.subscribe(wanted(shared=shared))
        await link.unsubscribe(wanted(shared=not shared))  # the session may be from when we were more, or fewer
        ingest.health.well(PART)
        waiting: deque[Incoming] = deque()
        while True:
            await _once(ingest, link, waiting, IDLE_S)


async def drain(ingest: Ingest) -> None:
    """Store and confirm what the broker still keeps for this ingest's session, then end the session."""
    settings = ingest.settings
    await ingest.until_loaded(PART)
    async with connect(settings, client_id=settings.enertrack_ingesta_id, clean=False, manual_ack=True) as link:
        for shared in (True, False):
            await link.unsubscribe(wanted(shared=shared))
        waiting: deque[Incoming] = deque()
        while await _once(ingest, link, waiting, DRAINED_S):
            pass
    async with connect(settings, client_id=settings.enertrack_ingesta_id, clean=True):
        pass


async def _once(ingest: Ingest, link: Link, waiting: deque[Incoming], patience_s: float) -> bool:
    """One group; whether there was any message. What was begun is finished even when we are told to end."""
    if not waiting:
        waiting.extend(await link.take_all(patience_s))
        await finish(ingest.directory.learn({t.esp_id for m in waiting if (t := topics.parse(m.topic))}))
    started = time.monotonic()
    ingest.health.well(PART)
    if not waiting:
        return False
    plan = gather(waiting, ingest.directory.by_board, int(time.time()), ingest.limits)
    ingest.metrics.pending.set(len(plan.messages) + len(waiting) + link.waiting)
    await finish(_store(ingest, link, plan))
    await asyncio.sleep(max(0.0, started + APART_S - time.monotonic()))
    return True


async def _store(ingest: Ingest, link: Link, plan: Plan) -> None:
    refused = await write(ingest, PART, plan.lines) if plan.lines else []
    for r in refused:
        message = plan.parts[plan.part_of(r.index)].message
        ingest.refuse("almacen", message.topic, message.payload)
    _count(ingest, plan)
    link.ack(*plan.messages)
    for topic, payload in confirmations(plan, refused):
        await link.send(topic, payload)


def _count(ingest: Ingest, plan: Plan) -> None:
    metrics, now = ingest.metrics, time.time()
    metrics.ignored.inc(plan.ignored)
    metrics.undated.inc(plan.undated)
    for reason, n in plan.refused.items():
        metrics.refused.labels(reason).inc(n)
    for reason, message in plan.dead:
        ingest.archive(reason, message.topic, message.payload)
    metrics.received.inc(len(plan.messages))  # the last, so that whoever sees them counted sees what became of them
    newest: dict[int, int] = {}
    for line in plan.lines:
        newest[line.node_id] = max(line.reading.t, newest.get(line.node_id, 0))
    for node_id, t in newest.items():
        ingest.delivered(node_id, t, now)


async def write(ingest: Ingest, part: str, lines: list[NodeReading]) -> list[Refused]:
    """Store readings, however long the store is away; the answer names those that it refuses for good."""
    metrics = ingest.metrics

    async def once() -> list[Refused]:
        with metrics.write_seconds.time():
            return await ingest.store.write(lines)

    refused = await ingest.keep_trying(part, once)
    metrics.batch.observe(len(lines))
    metrics.stored.inc(len(lines) - len(refused))
    metrics.last_write.set_to_current_time()
    return refused
