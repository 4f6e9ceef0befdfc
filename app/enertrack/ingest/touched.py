"""Which 15-minute windows wait to be summarized."""

import asyncio
import contextlib
import time
from collections.abc import Iterable


class Touched:
    """Starts of windows by node; what is touched twice is summarized once.

    They are summarized in rounds: one ``take``s all that waits and tells when it is ``done``.
    """

    def __init__(self) -> None:
        self._starts: dict[int, set[int]] = {}
        self._since: float | None = None
        self._taken_since: float | None = None
        self._some = asyncio.Event()
        self._begun = self._ended = 0
        self._round_ended = asyncio.Event()

    def add(self, node_id: int, starts: Iterable[int]) -> None:
        """Touch windows of a node."""
        self._starts.setdefault(node_id, set()).update(starts)
        if self._since is None:
            self._since = time.monotonic()
        self._some.set()

    def take(self) -> dict[int, set[int]]:
        """All that waits, which is from now on the taker's to summarize."""
        taken, self._starts = self._starts, {}
        self._taken_since, self._since = self._since, None
        self._some.clear()
        self._begun += 1
        return taken

    def done(self) -> None:
        """What was taken is summarized."""
        self._ended = self._begun
        self._taken_since = None
        self._round_ended.set()
        self._round_ended.clear()

    @property
    def age_s(self) -> float:
        """Seconds that the oldest has waited."""
        known = [since for since in (self._taken_since, self._since) if since is not None]
        return time.monotonic() - min(known) if known else 0.0

    async def some(self, patience_s: float) -> bool:
        """Wait until something waits, or for ``patience_s``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._some.wait()
        return self._some.is_set()

    async def all_done(self) -> None:
        """Wait until all that is touched by now is summarized; what is touched meanwhile may wait."""
        last = self._begun + bool(self._starts)
        while self._ended < last:
            await self._round_ended.wait()
