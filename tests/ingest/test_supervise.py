"""Loops that never give up."""

import asyncio
import logging
from pathlib import Path

import pytest

from enertrack.supervise import STALE_S, Health, finish, notify, supervise, together, watchdog
from tests.support.appliance import notify_socket

GONE = "no contesta"


async def test_a_thing_that_several_miss_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "enertrack")
    health = Health({OSError: "broker"})
    for part in ("a", "b", "a"):
        health.trouble(part, OSError(GONE))
    health.well("a")
    assert health.problems == {"broker": GONE}
    health.well("b")
    assert health.problems == {}
    assert [r.getMessage() for r in caplog.records] == ["no responde", "vuelve a responder"]


def test_what_a_piece_misses_when_it_ends_its_part_still_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "enertrack")
    health = Health({OSError: "broker"})
    with health.watched("a", "a/writes"):
        health.trouble("a/writes", OSError(GONE))
    assert health.problems == {"broker": GONE}
    health.trouble("a", OSError(GONE))
    health.well("a")
    assert health.problems == {}
    assert [r.getMessage() for r in caplog.records] == ["no responde", "vuelve a responder"]


async def test_a_loop_runs_again_until_it_returns() -> None:
    health = Health({OSError: "broker"})
    runs = 0

    async def loop() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise OSError(GONE)

    await supervise("a", loop, health)
    assert runs == 3
    assert health.problems == {}


def test_delays_grow_to_a_limit_and_begin_anew() -> None:
    health = Health({})
    delays = [health.delay("a") for _ in range(20)]
    assert delays[0] <= 0.25
    assert all(1.5 <= d <= 3.0 for d in delays[5:])
    health.well("a")
    assert health.delay("a") <= 0.25


async def test_what_was_begun_is_finished_when_we_are_told_to_end() -> None:
    begun, go, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go.wait()
        done.set()

    task = asyncio.ensure_future(finish(work()))
    await begun.wait()
    task.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()


async def test_the_first_failure_ends_all() -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise OSError(GONE)

    with pytest.raises(OSError, match=GONE):
        await together(waits(), fails())
    assert ended.is_set()


def test_only_what_should_move_and_does_not_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    health = Health({OSError: "broker"})
    health.expect("a")
    with health.waiting("b"), health.watched("a", "a/writes"):
        now += STALE_S + 1
        assert health.stale == ["a", "a/writes"]
        health.trouble("a", OSError(GONE))
        assert health.stale == ["a/writes"]
    assert health.stale == []
    now += STALE_S + 1
    assert health.stale == ["a", "b"]


async def test_systemd_hears_how_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health({OSError: "broker"})
    health.trouble("a", OSError(GONE))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with notify_socket(tmp_path) as systemd:
        task = asyncio.ensure_future(watchdog(health))
        told = [await asyncio.to_thread(systemd.recv, 4096) for _ in range(3)]
        task.cancel()
    assert told == [b"READY=1", f"STATUS=broker: {GONE}".encode(), b"WATCHDOG=1"]


def test_a_systemd_that_does_not_listen_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with notify_socket(tmp_path) as systemd:
        for n in range(10_000):  # far more than a queue of datagrams holds
            notify(f"STATUS={n}")
        assert systemd.recv(4096) == b"STATUS=0"
        notify("STOPPING=1")
