"""Answers that many readers want at the same time: the store is asked once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MOST: Final = 2000


class Recent:
    """The newest ``MOST`` answers by their questions; a question names all that its answer depends on, the time too."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._asked: dict[Hashable, asyncio.Future[Any]] = {}

    async def of(self, questions: Sequence[K], ask: Callable[[list[K]], Awaitable[Mapping[K, T]]]) -> dict[K, T]:
        """The answer to each question, ``ask`` being asked once for those that are new. Raises what it raises."""
        new = [q for q in questions if q not in self._asked]
        if new:
            task = asyncio.ensure_future(ask(new))
            self._asked.update(dict.fromkeys(new, task))
            task.add_done_callback(lambda done: self._forget_failed(new, done))
        asked = {q: self._asked[q] for q in questions}
        while len(self._asked) > self._most:
            del self._asked[next(iter(self._asked))]
        # Shielded: a reader who goes away does not take the answer from the others.
        return {q: (await asyncio.shield(future))[q] for q, future in asked.items()}

    def _forget_failed(self, questions: Sequence[Hashable], done: asyncio.Future[Any]) -> None:
        if done.cancelled() or done.exception():
            for question in questions:
                self._asked.pop(question, None)
