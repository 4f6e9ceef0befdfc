"""Line protocol as ``influxd inspect export-lp`` writes it, of the original's measurements.

``tension,esp_id=1265B7A0 valor=221.3 1700000000001234567``: the measurement is a leaf, the time when it arrived, in ns.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO, Final, NamedTuple

import msgspec

from enertrack.stores.broker.topics import V1_LEAVES

LONGEST: Final = 65_536
MOST_STRANGERS: Final = 1_000
EARLIEST_NS: Final = 1_420_070_400 * 10**9
"""2015: before there were boards of this kind a time is a clock that was not set."""
REPORT_LINES: Final = 10_000

_LINE: Final = re.compile(rb"([a-z_]+),esp_id=([^, =\\]+) valor=([0-9.eE+-]+) (-?[0-9]{1,19})\r?\n?")
_OTHER: Final = re.compile(rb"(?:[^ ,\\]|\\.)+(?:,(?:[^ \\]|\\.)+)? \S.*\r?\n?")
_LEAVES: Final = {name.encode(): i for i, name in enumerate(V1_LEAVES)}


class Point(NamedTuple):
    """A leaf (its place in ``V1_LEAVES``) of a board that arrived at ``t`` ns."""

    board: str
    t: int
    leaf: int
    value: float


class Seen(msgspec.Struct):
    """What a file held besides the points that were taken."""

    lines: int = 0
    other: int = 0
    broken: int = 0
    undated: int = 0
    strangers: Counter[str] = msgspec.field(default_factory=Counter)


def points(
    file: BinaryIO, boards: Collection[str], latest_ns: int, seen: Seen, advance: Callable[[], None]
) -> Iterator[Point]:
    """The points of these ``boards``, in the order of the file; ``advance`` is called often."""
    names = {board.encode(): board for board in boards}
    for line in _lines(file, seen):
        seen.lines += 1
        if seen.lines % REPORT_LINES == 0:
            advance()
        found = _LINE.fullmatch(line)
        leaf = _LEAVES.get(found[1]) if found else None
        if found is None or leaf is None:
            _count_other(line, seen)
        elif (board := names.get(found[2])) is None:
            _count_stranger(found[2], seen)
        elif (value := _value(found[3])) is None:
            seen.broken += 1
        elif not EARLIEST_NS <= (t := int(found[4])) <= latest_ns:
            seen.undated += 1
        else:
            yield Point(board, t, leaf, value)


def _lines(file: BinaryIO, seen: Seen) -> Iterator[bytes]:
    """Lines that say something; one that is too long is broken, and never held as a whole."""
    whole = True
    while line := file.readline(LONGEST):
        ends = line.endswith(b"\n") or len(line) < LONGEST
        if whole and ends and line.strip() and not line.startswith(b"#"):
            yield line
        seen.broken += whole and not ends
        whole = ends


def _count_other(line: bytes, seen: Seen) -> None:
    """Measurements that are not the meters' are no fault; what is no line protocol is."""
    known = line.startswith(tuple(name + b"," for name in _LEAVES))
    if not known and _OTHER.fullmatch(line):
        seen.other += 1
    else:
        seen.broken += 1


def _count_stranger(board: bytes, seen: Seen) -> None:
    name = board.decode("utf-8", "replace")
    if name in seen.strangers or len(seen.strangers) < MOST_STRANGERS:
        seen.strangers[name] += 1
    else:
        seen.strangers["otros"] += 1


def _value(text: bytes) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
