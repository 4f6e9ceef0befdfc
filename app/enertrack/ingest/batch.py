"""What a group of messages becomes: readings to store, and what is confirmed to the meters afterwards."""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from enertrack.domain.boards import of_board
from enertrack.domain.decode import MAX_ITEMS, Batch, Limits, Refusal, decode
from enertrack.stores.broker.client import Incoming
from enertrack.stores.broker.topics import MEDICION, ack, parse
from enertrack.stores.measurements.protocol import NodeReading, Refused
from enertrack.stores.nodes import Node

MAX_LINES: Final = 5_000
MAX_DEAD: Final = 500
"""Refused messages are slow to tell apart and to archive: the other loops have their turn after so many."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """One ring's readings of one message, being ``lines[start:]`` of the plan until the next part's."""

    message: Incoming
    node: Node
    batch: Batch
    start: int


class Plan(msgspec.Struct):
    """Messages to acknowledge, ``lines`` to store for that, and what is not stored: ``dead`` with its reason."""

    messages: list[Incoming]
    lines: list[NodeReading]
    parts: list[Part]
    dead: list[tuple[str, Incoming]]
    refused: Counter[str]
    ignored: int = 0
    undated: int = 0

    def part_of(self, line: int) -> int:
        """Which of the parts a line belongs to."""
        return bisect_right([p.start for p in self.parts], line) - 1


class Confirmation(msgspec.Struct):
    """What a meter hears: of the ring ``anillo``, ``de`` to ``a`` are stored or refused for good.

    ``t``: times of the first and the last reading that were stored.
    """

    anillo: int
    de: int
    a: int
    rechazadas: int
    t: tuple[int, int] | None


def gather(waiting: deque[Incoming], nodes: Mapping[str, Node], now: int, limits: Limits) -> Plan:
    """Take messages from ``waiting`` while their readings fit into one write and few are refused."""
    plan = Plan([], [], [], [], Counter())
    while waiting and len(plan.lines) <= MAX_LINES - MAX_ITEMS and len(plan.dead) < MAX_DEAD:
        message = waiting.popleft()
        plan.messages.append(message)
        _place(plan, message, nodes, now, limits)
    return plan


def _place(plan: Plan, message: Incoming, nodes: Mapping[str, Node], now: int, limits: Limits) -> None:
    if message.retain:
        plan.ignored += 1
        return
    topic = parse(message.topic)
    node = nodes.get(topic.esp_id) if topic and topic.kind == MEDICION else None
    if node is None:
        _refuse(plan, "medidor_desconocido", message)
        return
    found = decode(message.payload, now, limits)
    if isinstance(found, Refusal):
        _refuse(plan, found.reason, message)
        return
    for batch in found:
        plan.parts.append(Part(message, node, batch, len(plan.lines)))
        plan.lines += [NodeReading(node.id, of_board(reading, node.placa)) for reading in batch.readings]
        plan.undated += batch.undated
        plan.refused.update(batch.rejected)
    reasons = {reason for batch in found for reason in batch.rejected}
    if reasons:
        plan.dead.append((",".join(sorted(reasons)), message))


def _refuse(plan: Plan, reason: str, message: Incoming) -> None:
    plan.refused[reason] += 1
    plan.dead.append((reason, message))


def confirmations(plan: Plan, refused: Iterable[Refused]) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of what each meter hears once the plan's lines are stored, save the ``refused``.

    What one meter sent in several messages without a hole between them is confirmed by one.
    """
    lost = Counter(plan.part_of(r.index) for r in refused)
    open_: dict[tuple[str, int], Confirmation] = {}
    for n, part in enumerate(plan.parts):
        told = _confirmation(part.batch, lost[n])
        key = part.node.esp_id, told.anillo
        before = open_.get(key)
        if before is None:
            open_[key] = told
        elif before.de <= told.de <= before.a + 1:
            _join(before, told)
        else:
            yield ack(key[0]), msgspec.json.encode(before)
            open_[key] = told
    for (board, _), told in open_.items():
        yield ack(board), msgspec.json.encode(told)


def _confirmation(batch: Batch, lost: int) -> Confirmation:
    times = [r.t for r in batch.readings]
    rejected = sum(batch.rejected.values()) + lost
    return Confirmation(batch.anillo, batch.de, batch.a, rejected, (min(times), max(times)) if times else None)


def _join(before: Confirmation, told: Confirmation) -> None:
    before.a = max(before.a, told.a)
    before.rechazadas += told.rechazadas
    if before.t and told.t:
        before.t = min(before.t[0], told.t[0]), max(before.t[1], told.t[1])
    else:
        before.t = before.t or told.t
