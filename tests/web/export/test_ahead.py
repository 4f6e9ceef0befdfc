"""What is fetched ahead comes in order, once, and is given up with who asked for it."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import pytest

from enertrack.web.export.ahead import ahead


class Source:
    """Questions after the numbers from 0 on, and what has become of them."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.asked: list[int] = []
        self.closed = False

    async def questions(self) -> AsyncGenerator[Coroutine[Any, Any, int]]:
        try:
            for n in range(self.end):
                yield self.answer(n)
        finally:
            self.closed = True

    async def answer(self, n: int) -> int:
        self.asked.append(n)
        for _ in range(self.end - n):  # the later one is asked, the sooner it answers
            await asyncio.sleep(0)
        return n


@pytest.mark.parametrize("end", [0, 1, 2, 9])
async def test_all_of_it_in_order(end: int) -> None:
    source = Source(end)
    assert [n async for n in ahead(source.questions())] == list(range(end))
    assert source.closed


async def test_one_is_asked_while_another_is_used_and_no_more() -> None:
    source = Source(9)
    found = ahead(source.questions())
    assert await anext(found) == 0
    await asyncio.to_thread(int)  # work elsewhere, which leaves the loop free
    assert source.asked == [0, 1]
    await found.aclose()


async def test_who_stops_early_leaves_nothing_open() -> None:
    source, before = Source(9), asyncio.all_tasks()
    found = ahead(source.questions())
    assert await anext(found) == 0
    await found.aclose()
    assert source.closed
    assert asyncio.all_tasks() == before


async def test_what_goes_wrong_is_told_in_its_place() -> None:
    async def breaks() -> int:
        raise ConnectionError

    async def questions() -> AsyncGenerator[Coroutine[Any, Any, int]]:
        yield Source(1).answer(7)
        yield breaks()
        yield Source(1).answer(8)

    found = ahead(questions())
    assert await anext(found) == 7
    with pytest.raises(ConnectionError):
        await anext(found)
