"""Windows that wait to be summarized."""

import asyncio

from enertrack.ingest.touched import Touched


async def test_whoever_waits_for_all_is_not_held_up_by_what_is_touched_meanwhile() -> None:
    touched = Touched()
    touched.add(1, {0})
    waiting = asyncio.ensure_future(touched.all_done())
    await asyncio.sleep(0)
    assert touched.take() == {1: {0}}
    touched.add(1, {900})
    touched.done()
    await waiting
    assert touched.take() == {1: {900}}


async def test_what_is_touched_during_a_round_waits_for_the_next() -> None:
    touched = Touched()
    touched.add(1, {0})
    touched.take()
    touched.add(1, {0})
    waiting = asyncio.ensure_future(touched.all_done())
    await asyncio.sleep(0)
    touched.done()
    await asyncio.sleep(0)
    assert not waiting.done()
    touched.take()
    touched.done()
    await waiting


async def test_its_age_is_that_of_the_oldest_not_yet_summarized() -> None:
    touched = Touched()
    assert touched.age_s == 0
    touched.add(1, {0})
    touched.take()
    touched.add(1, {900})
    assert touched.age_s > 0
    touched.done()
    first = touched.age_s
    assert first > 0
    touched.take()
    touched.done()
    assert touched.age_s == 0
