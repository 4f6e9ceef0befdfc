"""The loop that keeps the summaries: one process holds it, hears what was stored, and mends what differs.

A word that readings were stored is acknowledged once their windows are computed, so that the broker
says it again after a crash; where it has no sessions, or lost them, each start reconciles.
"""

import asyncio
import json
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from enertrack.domain.decode import UNREADABLE
from enertrack.domain.resolution import QUARTER_S, quarter_of
from enertrack.ingest.context import DAY_S, IDLE_S, Ingest
from enertrack.ingest.reconcile import differing, spans
from enertrack.ingest.rollup import Group, Unusual, groups, recompute
from enertrack.ingest.turns import in_turn
from enertrack.stores import states
from enertrack.stores.audit import record
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Incoming, Link, connect
from enertrack.stores.nodes import Node
from enertrack.stores.states import Lock
from enertrack.supervise import finish, together

PART: Final = "resúmenes"
HEARING: Final = f"{PART}/avisos"
MENDING: Final = f"{PART}/repaso"
LOCK: Final = "enertrack-rollup"
CLIENT: Final = "enertrack-resumen"
WATERMARK: Final = "resumenes_hasta"
"""Unix seconds: what was stored up to then has been summarized."""
FULL: Final = "resumenes_repaso"
"""The date of the last reconciliation of everything."""
MADE_FOR: Final = "resumenes_nodos"
"""Zone and rated power that the summaries of each node were computed with."""
BACK_DAYS: Final = 8
NIGHT: Final = timedelta(hours=3)
QUIET_S: Final = 1.0
SHARE: Final = 3
"""Rounds rest this many times as long as they take, so that summaries never starve the readings."""
LONGEST_REST_S: Final = 10.0
CHECK_S: Final = 30.0
MAX_QUARTERS: Final = 400 * 96


Second: TypeAlias = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class _Heard(msgspec.Struct, frozen=True):
    t: tuple[Second, Second] | None = None


async def keep_summaries(ingest: Ingest) -> None:
    """Keep them while it is our turn. Raises BrokerAway, DatabaseAway."""
    await in_turn(ingest, PART, LOCK, partial(_hold, ingest))


async def _hold(ingest: Ingest, lock: Lock) -> None:
    async with connect(ingest.settings, client_id=CLIENT, clean=False, manual_ack=True) as link:
        await link.subscribe(topics.ack("+"))
        ingest.health.well(PART)
        heard: list[Incoming] = []
        with ingest.health.watched(PART, HEARING, MENDING):
            await together(_hear(ingest, link, heard), _rounds(ingest, lock, link, heard), _mend(ingest))


async def _hear(ingest: Ingest, link: Link, heard: list[Incoming]) -> None:
    while True:
        messages = await link.take_all(IDLE_S)
        await finish(ingest.directory.learn({t.esp_id for m in messages if (t := topics.parse(m.topic))}))
        for message in messages:
            _touch(ingest, message)
            heard.append(message)
        ingest.health.well(HEARING)


def _touch(ingest: Ingest, message: Incoming) -> None:
    topic = topics.parse(message.topic)
    node = ingest.directory.by_board.get(topic.esp_id) if topic and topic.kind == topics.ACK else None
    if node is None:
        ingest.refuse("medidor_desconocido", message.topic, message.payload)
        return
    try:
        times = msgspec.json.decode(message.payload, type=_Heard).t
    except UNREADABLE:
        ingest.refuse("ack", message.topic, message.payload)
        return
    if times:
        first, last = quarter_of(times[0]), quarter_of(times[1])
        touch(ingest, node.id, set(range(first, last + 1, QUARTER_S)[:MAX_QUARTERS]))


def touch(ingest: Ingest, node_id: int, starts: set[int]) -> None:
    """Have windows recomputed, but for those that are frozen."""
    frozen = ingest.frozen_before(int(time.time()))
    thawed = {s for s in starts if s >= frozen}
    if thawed:
        ingest.touched.add(node_id, thawed)


async def _rounds(ingest: Ingest, lock: Lock, link: Link, heard: list[Incoming]) -> None:
    """Recompute all that is touched, again and again; ends when another process may hold the lock.

    What was ``heard`` before a round is acknowledged after it.
    """
    while True:
        some = await ingest.touched.some(IDLE_S)
        if not await lock.still_held():
            return
        ingest.health.well(PART)
        started = time.monotonic()
        told, heard[:] = heard[:], []
        if some:
            await round_(ingest)
        link.ack(*told)
        await asyncio.sleep(min(LONGEST_REST_S, max(QUIET_S, SHARE * (time.monotonic() - started))))


async def round_(ingest: Ingest) -> None:
    """Recompute all that is touched now; what is not done when it fails is touched again."""
    taken = ingest.touched.take()
    ingest.metrics.lag.set(ingest.touched.age_s)
    todo = list(groups(taken))
    try:
        while todo:
            await _recompute(ingest, todo[-1])
            todo.pop()
            ingest.health.progress(PART)
    finally:
        for group in todo:
            for node_id in group.node_ids:
                ingest.touched.add(node_id, range(group.start, group.stop, QUARTER_S))
    ingest.touched.done()
    ingest.metrics.lag.set(ingest.touched.age_s)


async def _recompute(ingest: Ingest, group: Group) -> None:
    nodes = ingest.directory.by_id
    unusual = await ingest.keep_trying(PART, lambda: recompute(ingest.store, nodes, group))
    ingest.metrics.windows.inc(len(group.node_ids) * (group.stop - group.start) // QUARTER_S)
    for u in unusual:
        await _audit(ingest, u)


async def _audit(ingest: Ingest, unusual: Unusual) -> None:
    for step, n in unusual.steps.items():
        ingest.metrics.steps.labels(step.value).inc(n)
    detail = {"desde": unusual.start, **{s.value: n for s, n in unusual.steps.items()}}
    await ingest.keep_trying(
        PART,
        lambda: record(
            ingest.engine, "registro_inusual", momento=datetime.now(UTC), nodo_id=unusual.node_id, detalle=detail
        ),
    )


async def _mend(ingest: Ingest) -> None:
    """Reconcile at the start what is recent, and each night everything."""
    known = await _get(ingest, WATERMARK)
    await _reconcile_all(ingest, int(known) - BACK_DAYS * DAY_S if known else 0)
    while True:
        await _follow_nodes(ingest)
        today = _night(ingest)
        if await _get(ingest, FULL) != today.isoformat():
            if known:
                await _reconcile_all(ingest, 0)
            await _put(ingest, FULL, today.isoformat())
        known = await _mark(ingest)
        await asyncio.sleep(CHECK_S)


async def _reconcile_all(ingest: Ingest, since: int) -> None:
    for node in list(ingest.directory.by_id.values()):
        await reconcile(ingest, node, since)
    await _mark(ingest)


async def reconcile(ingest: Ingest, node: Node, since: int, *, anew: bool = False) -> None:
    """Find and mend the windows of a node that do not follow from its readings since then, or all with ``anew``."""
    now = int(time.time())
    begin = max(since, ingest.frozen_before(now))
    for start, stop in await ingest.keep_trying(MENDING, lambda: spans(ingest.store, node, begin, now)):
        wrong = await _ask(ingest, node, start, stop)
        touch(ingest, node.id, wrong)
        if anew:
            touch(ingest, node.id, await _read(ingest, node, start, stop))
        await _all_done(ingest)


async def _ask(ingest: Ingest, node: Node, start: int, stop: int) -> set[int]:
    return await ingest.keep_trying(MENDING, lambda: differing(ingest.store, node, start, stop))


async def _read(ingest: Ingest, node: Node, start: int, stop: int) -> set[int]:
    """Starts of the windows that have readings."""
    return set(await ingest.keep_trying(MENDING, lambda: ingest.store.fingerprints(node.id, start, stop)))


async def _follow_nodes(ingest: Ingest) -> None:
    """Where a node's zone is another than before, its days are made anew; where its rated power is, all is."""
    told = await _get(ingest, MADE_FOR)
    before = {i: made for made, ids in json.loads(told or "{}").items() for i in ids}
    made_for: dict[str, list[int]] = {}
    for node in list(ingest.directory.by_id.values()):
        made = f"{node.zona_horaria} {node.potencia_max_w!r}"
        made_for.setdefault(made, []).append(node.id)
        if (known := before.get(node.id, made)) != made:
            await reconcile(ingest, node, 0, anew=not known.endswith(f" {node.potencia_max_w!r}"))
    now = json.dumps(made_for, separators=(",", ":"))
    if now != told:
        await _put(ingest, MADE_FOR, now)


def _night(ingest: Ingest) -> date:
    """The date, beginning when people sleep."""
    return (datetime.now(ingest.settings.zone) - NIGHT).date()


async def _mark(ingest: Ingest) -> str:
    """Remember how far the summaries follow; everything touched before this moment has been computed."""
    now = str(int(time.time()))
    await _all_done(ingest)
    await _put(ingest, WATERMARK, now)
    return now


async def _all_done(ingest: Ingest) -> None:
    with ingest.health.waiting(MENDING):
        await ingest.touched.all_done()


async def _get(ingest: Ingest, key: str) -> str | None:
    return await ingest.keep_trying(MENDING, lambda: states.get(ingest.engine, key))


async def _put(ingest: Ingest, key: str, value: str) -> None:
    await ingest.keep_trying(MENDING, lambda: states.put(ingest.engine, key, value))
