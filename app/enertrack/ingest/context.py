"""What the loops of ingest share."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.decode import Limits
from enertrack.ingest.deadletters import DeadLetters
from enertrack.ingest.directory import Directory
from enertrack.ingest.metrics import Metrics
from enertrack.ingest.touched import Touched
from enertrack.settings import Settings
from enertrack.stores.database import DatabaseAway
from enertrack.stores.measurements.protocol import Forbidden, Measurements, NodeReading, Unavailable
from enertrack.stores.nodes import Delivery
from enertrack.supervise import Health, finish

IDLE_S: Final = 10.0
"""A loop that waits for work shows that it lives this often."""
FORBIDDEN_S: Final = 15.0
MAX_RETRY_AFTER_S: Final = 60.0
DAY_S: Final = 86_400
FREEZE_DAYS: Final = 8
MAX_V1_WAITING: Final = 100_000

T = TypeVar("T")


@dataclass(frozen=True)
class Ingest:
    """One ingest: what it works on, and what its loops hand to each other.

    ``deliveries`` by node; ``v1`` readings of original boards that wait to be stored; ``touched`` windows
    that wait to be summarized.
    """

    settings: Settings
    store: Measurements
    engine: AsyncEngine
    health: Health
    directory: Directory
    metrics: Metrics
    dead: DeadLetters
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    v1: deque[NodeReading] = field(default_factory=lambda: deque(maxlen=MAX_V1_WAITING))
    touched: Touched = field(default_factory=Touched)

    @property
    def limits(self) -> Limits:
        """How old and how far ahead a reading may be."""
        return Limits(max_age_s=self.settings.enertrack_edad_maxima_dias * DAY_S)

    def frozen_before(self, now: int) -> int:
        """Windows that begin earlier are never touched: their readings are about to be forgotten."""
        days = self.settings.enertrack_retencion_dias
        return now - (days - FREEZE_DAYS) * DAY_S if days else 0

    def delivered(self, node_id: int, t: int, now: float) -> None:
        """Remember that a node's readings up to ``t`` were stored."""
        latest, moment = datetime.fromtimestamp(t, UTC), datetime.fromtimestamp(now, UTC)
        before = self.deliveries.get(node_id)
        if before:
            latest, moment = max(latest, before.ultima_lectura), max(moment, before.momento)
        self.deliveries[node_id] = Delivery(node_id, latest, moment)

    def refuse(self, reason: str, topic: str, payload: bytes) -> None:
        """Count a message that cannot be stored and keep it for a person."""
        self.metrics.refused.labels(reason).inc()
        self.archive(reason, topic, payload)

    def archive(self, reason: str, topic: str, payload: bytes) -> None:
        """Keep a message for a person."""
        self.metrics.dead.inc()
        self.dead.keep(reason, topic, payload)

    async def until_loaded(self, part: str) -> None:
        """The part waits until it is known which meters there are."""
        with self.health.waiting(part):
            await self.directory.loaded.wait()

    async def keep_trying(self, part: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The store's or the database's answer, however long it is away; a question once asked is finished."""
        while True:
            try:
                answer = await finish(ask())
            except (Unavailable, DatabaseAway) as e:
                self.health.trouble(part, e)
                await asyncio.sleep(_pause(e, self.health.delay(part)))
            else:
                self.health.well(part)
                return answer


def _pause(error: Exception, delay_s: float) -> float:
    if isinstance(error, Forbidden):
        return FORBIDDEN_S
    wish = error.retry_after_s if isinstance(error, Unavailable) else None
    return max(delay_s, min(wish or 0.0, MAX_RETRY_AFTER_S))
