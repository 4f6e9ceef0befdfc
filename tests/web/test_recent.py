"""What many ask for at once is asked of the store once."""

import asyncio

import pytest

from enertrack.web.recent import Recent


class Store:
    """Answers as often as it is let, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.let = asyncio.Event()
        self.away = False

    async def ask(self, questions: list[str]) -> dict[str, str]:
        self.asked.append(questions)
        await self.let.wait()
        if self.away:
            raise ConnectionError
        return {q: q.upper() for q in questions}


async def test_those_who_come_meanwhile_wait_for_the_same_answer() -> None:
    recent, store = Recent(), Store()
    readers = [asyncio.ensure_future(recent.of(["a", "b"], store.ask)) for _ in range(5)]
    await asyncio.sleep(0)
    store.let.set()
    assert await asyncio.gather(*readers) == [{"a": "A", "b": "B"}] * 5
    assert await recent.of(["b", "c"], store.ask) == {"b": "B", "c": "C"}
    assert store.asked == [["a", "b"], ["c"]]


async def test_a_reader_who_goes_away_takes_nothing_from_the_others() -> None:
    recent, store = Recent(), Store()
    first, second = (asyncio.ensure_future(recent.of(["a"], store.ask)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    store.let.set()
    assert await second == {"a": "A"}


async def test_a_failure_is_not_kept() -> None:
    recent, store = Recent(), Store()
    store.let.set()
    store.away = True
    with pytest.raises(ConnectionError):
        await recent.of(["a"], store.ask)
    store.away = False
    assert await recent.of(["a"], store.ask) == {"a": "A"}


async def test_the_oldest_are_forgotten() -> None:
    recent, store = Recent(most=2), Store()
    store.let.set()
    for question in ("a", "b", "c", "a"):
        await recent.of([question], store.ask)
    assert store.asked == [["a"], ["b"], ["c"], ["a"]]
