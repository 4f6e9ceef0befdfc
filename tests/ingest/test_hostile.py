"""A hundred thousand spoilt messages, without broker and stores between."""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from random import Random

from enertrack.domain import leaves
from enertrack.domain.decode import Limits
from enertrack.ingest.batch import MAX_DEAD, MAX_LINES, Plan, confirmations, gather
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Incoming
from enertrack.stores.nodes import Node
from enertrack.web.values import Status, heard, status
from tests.support.flood import Message
from tests.support.mutations import BOARD, ILL_FORMED, LEAVES, NO_NUMBERS, NO_STATES, NUMBER, mutated

MESSAGES = 100_000
NOW = 1_790_000_000
BOARDS = ("A0B765000000", BOARD)
LIMITS = Limits(max_age_s=400 * 86_400)
REASON = re.compile(r"[a-z_]{2,25}|utf8")


def node(number: int, esp_id: str) -> Node:
    return Node(
        id=number,
        esp_id=esp_id,
        nombre=esp_id,
        descripcion=None,
        zona_horaria="Europe/Madrid",
        activo=True,
        protocolo=2,
        potencia_max_w=26_500.0,
        ultima_lectura=None,
        en_linea=None,
        firmware=None,
        intervalo_s=60,
    )


def incoming(m: Message) -> Incoming:
    return Incoming(m.topic.decode(errors="replace"), m.payload, 1, 1, retain=False, generation=1, at=NOW)


def spoilt() -> Iterator[Message]:
    """Well-formed and ill-formed topics; not every broker keeps the latter back."""
    yield from mutated(MESSAGES, BOARDS[0], NOW)
    yield from (Message(topic, NUMBER) for topic in ILL_FORMED)


def check(plan: Plan) -> None:
    """Every message is stored, undated, or refused by a reason; what is confirmed is one plain line."""
    assert len(plan.lines) <= MAX_LINES
    assert len(plan.dead) <= MAX_DEAD
    assert all(NOW - LIMITS.max_age_s <= line.reading.t <= NOW + 600 for line in plan.lines)
    kept = {id(p.message) for p in plan.parts} | {id(m) for _, m in plan.dead}
    assert kept == {id(m) for m in plan.messages}
    for topic, payload in confirmations(plan, []):
        assert topics.parse(topic) in {(board, topics.ACK) for board in BOARDS}
        told = json.loads(payload)
        assert 0 <= told["de"] <= told["a"] < 2**32
        assert payload.isascii()


def test_all_are_stored_or_refused_by_a_reason() -> None:
    nodes = {esp_id: node(n, esp_id) for n, esp_id in enumerate(BOARDS, 1)}
    waiting = deque(incoming(m) for m in spoilt())
    reasons = Counter[str]()
    stored = 0
    while waiting:
        plan = gather(waiting, nodes, NOW, LIMITS)
        check(plan)
        reasons += plan.refused
        stored += len(plan.lines)
    assert all(REASON.fullmatch(reason) for reason in reasons)
    assert {"tamano", "utf8", "json", "cantidad", "tipo", "pasado", "futuro", "medidor_desconocido"} <= reasons.keys()
    assert min(stored, reasons.total()) > MESSAGES // 10


def test_leaves_are_numbers_or_refused_by_a_reason() -> None:
    rng = Random(1)
    current, read, refused = None, 0, 0
    for n in range(MESSAGES):
        leaf = rng.choice(LEAVES).rpartition(b"/")[2].decode()
        payload = rng.choice((NUMBER, *NO_NUMBERS))
        current, reading, reason = leaves.add(current, leaf, payload, NOW + n * 0.1)
        assert (reason is None) == (payload == NUMBER)
        assert reason in {None, f"tipo_{leaf}", f"rango_{leaf}"}
        read, refused = read + (reading is not None), refused + (reason is not None)
    assert min(read, refused) > 1_000


def test_live_pages_pass_over_what_they_cannot_read() -> None:
    known = None
    for m in mutated(MESSAGES // 5, BOARDS[0], NOW):
        topic = topics.parse(m.topic.decode(errors="replace"))
        if topic is not None and topic.kind not in {topics.ACK, topics.ESTADO, "medicion/x"}:
            known = heard(known, topic, m.payload, NOW, LIMITS) or known
            heard(known, topics.MeterTopic(topic.esp_id, topics.VIVO), m.payload, NOW, LIMITS)
    assert known is not None
    assert {status(payload) for payload in NO_STATES} == {
        None,
        Status(en_linea=True),
    }
