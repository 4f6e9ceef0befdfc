"""aiomqtt's client, which can be told to end at any moment."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import aiomqtt

T = TypeVar("T")


class Client(aiomqtt.Client):
    """Waits by ``asyncio.timeout``.

    ``asyncio.wait_for``, which aiomqtt waits by, forgets before Python 3.12 that it was cancelled where the answer
    comes in the same moment: a process that is told to end while it connects would never do so.
    """

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - as in aiomqtt
        try:
            async with asyncio.timeout(self.timeout if timeout is None else timeout):
                return await fut
        except TimeoutError:
            message = "Operation timed out"
            raise aiomqtt.MqttError(message) from None
