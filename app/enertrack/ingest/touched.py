"""Which 15-minute windows wait to be summarized."""

import asyncio
import contextlib
import time
from collections.abc import Iterable


class Touched:
    """Starts of windows by node; what is touched twice is summarized once."""

    def __init__(self) -> None:
        self._starts: dict[int, set[int]] = {}
        self._since: float | None = None
        self._some = asyncio.Event()
        self._done = asyncio.Event()
        self._done.set()

    def add(self, node_id: int, starts: Iterable[int]) -> None:
        """Touch windows of a node."""
        self._starts.setdefault(node_id, set()).update(starts)
        if self._since is None:
            self._since = time.monotonic()
        self._done.clear()
        self._some.set()

    def take(self) -> dict[int, set[int]]:
        """All that waits, which is from now on the taker's to summarize and to call ``done``."""
        taken, self._starts = self._starts, {}
        self._some.clear()
        return taken

    def give_back(self, taken: dict[int, set[int]]) -> None:
        """What could not be summarized waits again."""
        for node_id, starts in taken.items():
            self.add(node_id, starts)

    def done(self) -> None:
        """What was taken is summarized."""
        if not self._starts:
            self._since = None
            self._done.set()

    @property
    def age_s(self) -> float:
        """Seconds that the oldest has waited."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    async def some(self, patience_s: float) -> bool:
        """Wait until something waits, or for ``patience_s``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._some.wait()
        return self._some.is_set()

    async def all_done(self) -> None:
        """Wait until all that was touched is summarized."""
        await self._done.wait()
