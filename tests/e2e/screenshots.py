"""Pictures of each page of a running demo: ``python -m tests.e2e.screenshots http://127.0.0.1:8006``.

They go to .screenshots/, in two widths and both themes.
"""

import asyncio
import sys
from pathlib import Path

from tests.e2e.browser import Visit, visit
from tests.e2e.pages import PUBLIC, own

FOLDER = Path(__file__).parents[2] / ".screenshots"
SETTLE_MS = 2500


async def main(base: str) -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            async with visit(base, width=width, scheme=scheme) as seen:
                for name, path in PUBLIC.items():
                    await seen.open(path)
                    await _take(seen, f"{name}-{width}-{scheme}")
                await seen.enter("demo", "demo")
                for name, path in (await own(seen)).items():
                    await seen.open(path)
                    await _take(seen, f"{name}-{width}-{scheme}")
                sys.stdout.write(f"{width} {scheme}: {seen.complaints}\n")


async def _take(seen: Visit, name: str) -> None:
    await seen.page.wait_for_timeout(SETTLE_MS)
    await seen.page.screenshot(path=FOLDER / f"{name}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
