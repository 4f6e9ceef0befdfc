"""However long a history is, an import needs no more memory."""

import subprocess
import sys

PROGRAM = """
import resource, sys
from enertrack.original.points import Point
from enertrack.original.readings import pieces, readings
from enertrack.original import spool as room
from enertrack.original.spool import spool
from collections import Counter
room._PRAGMAS = (*room._PRAGMAS, "cache_size = -1024")
n = int(sys.argv[1])
with spool(["1265B7A0"]) as waiting:  # by series, as they are exported
    waiting.fill(Point("1265B7A0", i * 120 * 10**9 + leaf, leaf, 1.0) for leaf in range(7) for i in range(n // 7))
    assert sum(len(piece) for piece in pieces(readings(waiting.of("1265B7A0"), Counter()))) == n // 7 - 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mb(points: int) -> float:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(points)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) / 1024


def test_four_times_the_points_need_no_more_memory() -> None:
    some, many = peak_mb(140_000), peak_mb(560_000)
    assert many - some < 8, (some, many)
