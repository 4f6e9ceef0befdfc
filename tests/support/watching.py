"""What the processes of a machine show of themselves to whoever looks into /proc, the short-lived ones too."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from tests.support.machine import Machine

WATCH: Final = """
import glob, json, signal, sys, time
seen = set()
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    while True:
        for kind in ("cmdline", "environ"):
            for file in glob.glob(f"/proc/[0-9]*/{kind}"):
                try:
                    with open(file.replace(kind, "comm")) as comm, open(file, "rb") as content:
                        seen.add((comm.read().strip(), kind, content.read().decode(errors="replace")))
                except OSError:
                    continue  # it has ended
        time.sleep(0.005)
finally:
    with open("/root/seen.json", "w") as file:
        json.dump(sorted(seen), file)
"""


class Shown(NamedTuple):
    """``cmdline`` or ``environ`` of a program, its parts ended by NUL."""

    program: str
    kind: str
    text: str


@contextmanager
def watched(machine: Machine) -> Iterator[list[Shown]]:
    """What is shown meanwhile; known at the end."""
    shown: list[Shown] = []
    machine.run("cat > /root/watch.py", text=WATCH)
    machine.run("systemd-run --quiet --collect --unit=watch python3 /root/watch.py")
    try:
        yield shown
    finally:
        machine.run("systemctl stop watch")
    shown += [Shown(*one) for one in json.loads(machine.run("cat /root/seen.json"))]
