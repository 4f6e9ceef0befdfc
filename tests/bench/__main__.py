"""``make bench``: print each ratio as a line of JSON and rewrite the table of docs/quality.md.

``python -m tests.bench NAME...`` measures only those, and leaves the table.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from tests.bench import export, ingest, panel, year
from tests.bench.result import Result, publish
from tests.bench.servers import Servers, started

MEASURES: Final[dict[str, Callable[[Servers, Path], Coroutine[Any, Any, list[Result]]]]] = {
    "ingest": ingest.measure,
    "year": year.measure,
    "panel": panel.measure,
    "export": export.measure,
}


def main(names: list[str]) -> int:
    """Whether every budget is kept, as an exit code."""
    results: list[Result] = []
    for name in names or MEASURES:
        with tempfile.TemporaryDirectory(prefix="enertrack-bench-") as folder, started(Path(folder)) as servers:
            for result in asyncio.run(MEASURES[name](servers, Path(folder))):
                print(result.line(), flush=True)  # noqa: T201 - what the command is for
                results.append(result)
    if not names:
        publish(results)
    return 0 if all(r.ok for r in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
