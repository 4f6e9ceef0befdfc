"""What is fetched ahead comes in order, once, and is given up with who asked for it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from enertrack.web.export.ahead import ahead


class Source:
    """Numbers from 0 on, and what has become of it."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.asked = 0
        self.closed = False

    async def numbers(self) -> AsyncGenerator[int]:
        try:
            for n in range(self.end):
                self.asked = n
                await asyncio.sleep(0)
                yield n
            self.asked = self.end
        finally:
            self.closed = True


async def test_all_of_it_in_order() -> None:
    source = Source(5)
    assert [n async for n in ahead(source.numbers())] == [0, 1, 2, 3, 4]
    assert source.closed


async def test_one_is_asked_for_while_another_is_used() -> None:
    source = Source(5)
    found = ahead(source.numbers())
    assert await anext(found) == 0
    await asyncio.to_thread(int)  # work elsewhere, which leaves the loop free
    assert source.asked == 1
    await found.aclose()


async def test_who_stops_early_leaves_nothing_open() -> None:
    source, before = Source(5), asyncio.all_tasks()
    found = ahead(source.numbers())
    assert await anext(found) == 0
    await found.aclose()
    assert source.closed
    assert asyncio.all_tasks() == before


async def test_what_goes_wrong_is_told_in_its_place() -> None:
    async def broken() -> AsyncGenerator[int]:
        yield 1
        raise ConnectionError

    found = ahead(broken())
    assert await anext(found) == 1
    with pytest.raises(ConnectionError):
        await anext(found)
