"""Start, await and stop real servers and EnerTrack's own commands."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

DEADLINE_S = 60.0
SERVER_PORTS = (12_000, 32_000)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now, below those that the kernel gives to outgoing connections.

    One of the kernel's own could be taken by any client between two starts of a server.
    """
    while True:
        port = random.SystemRandom().randrange(*SERVER_PORTS)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


class Process:
    """A started program whose output goes to ``log``; it can be killed, stopped and started again."""

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.command = [str(c) for c in command]
        self.log = log
        self.pass_fds = pass_fds
        self.env = dict(os.environ if env is None else env)
        self.start()

    def start(self) -> None:
        """Start the program, again if it ran before."""
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.env,
                pass_fds=self.pass_fds,
            )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.child.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.child.kill()
        self.child.wait()

    def stop(self, timeout_s: float = 30.0) -> int:
        """Ask it to end and wait; it is killed when it does not. Returns its exit code."""
        if self.alive:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return int(self.child.returncode)

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[Process]:
    """A program that is stopped at the end, however it ends."""
    process = Process(command, log, env, pass_fds)
    try:
        yield process
    finally:
        process.stop()


def wait_until(ready: Callable[[], bool], what: str, process: Process | None = None) -> None:
    """Poll until ``ready()``; fails when ``process`` has ended or the deadline passes."""
    end = time.monotonic() + DEADLINE_S
    while not ready():
        if process is not None and not process.alive:
            message = f"{what}: process ended\n{process.output()[-4000:]}"
            raise AssertionError(message)
        if time.monotonic() > end:
            message = f"{what}: not within {DEADLINE_S} s\n{process.output()[-4000:] if process else ''}"
            raise AssertionError(message)
        time.sleep(0.02)


async def eventually(check: Callable[[], Awaitable[bool]], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Poll an awaitable condition until it holds."""
    end = time.monotonic() + deadline_s
    while not await check():
        if time.monotonic() > end:
            message = f"{what}: not within {deadline_s} s"
            raise AssertionError(message)
        await asyncio.sleep(0.02)


def listening(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1:port."""
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0
