"""Which meters there are, in memory."""

import asyncio
import contextlib
import time
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import DatabaseAway
from enertrack.stores.nodes import Node, all_nodes

REFRESH_S: Final = 10.0
MISS_S: Final = 1.0
"""However many strangers call, the database is asked no more often."""


class Directory:
    """The nodes by their board and by their id; empty until ``loaded``."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._asked = float("-inf")
        self.loaded = asyncio.Event()
        self.by_board: dict[str, Node] = {}
        self.by_id: dict[int, Node] = {}

    async def refresh(self) -> None:
        """Read the nodes anew. Raises DatabaseAway."""
        self._asked = time.monotonic()
        nodes = await all_nodes(self._engine)
        self.by_board = {n.esp_id: n for n in nodes}
        self.by_id = {n.id: n for n in nodes}
        self.loaded.set()

    async def learn(self, boards: set[str]) -> None:
        """Read the nodes anew if one of the boards is not known; where that cannot be done it stays unknown."""
        if boards <= self.by_board.keys() or time.monotonic() < self._asked + MISS_S:
            return
        with contextlib.suppress(DatabaseAway):
            await self.refresh()
