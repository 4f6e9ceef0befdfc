"""Asking what comes next while what has come is used."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Final, TypeVar

AT_ONCE: Final = 2
"""Questions that are under way."""
T = TypeVar("T")


async def ahead(questions: AsyncGenerator[Coroutine[Any, Any, T]]) -> AsyncGenerator[T]:
    """Their answers in their order, the next of which is waited for while one is used; all is given up at the end."""
    asked: deque[asyncio.Task[T]] = deque()
    try:
        async for question in questions:
            asked.append(asyncio.create_task(question))
            if len(asked) == AT_ONCE:
                yield await asked.popleft()
        while asked:
            yield await asked.popleft()
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await questions.aclose()
