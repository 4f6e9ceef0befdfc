"""Each page before axe-core, which looks for what WCAG 2.2 AA forbids and can be seen by a program."""

from pathlib import Path
from typing import Literal

import pytest

from tests.e2e.browser import Visit, visit
from tests.e2e.pages import PUBLIC, own

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RUN = "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"


async def complaints(seen: Visit) -> list[str]:
    """What is wrong, and where."""
    await seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await seen.page.evaluate(RUN)
    assert found["passes"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
async def test_nothing_bars_the_way(demo: str, width: int, scheme: Literal["light", "dark"]) -> None:
    async with visit(demo, width=width, scheme=scheme) as seen:
        found = {}
        for name, path in PUBLIC.items():
            await seen.open(path)
            found[name] = await complaints(seen)
        await seen.enter("demo", "demo")
        for name, path in (await own(seen)).items():
            await seen.open(path)
            found[name] = await complaints(seen)
        await seen.open("/")
        await seen.page.get_by_role("button", name="Cuenta de").click()
        found["menu"] = await complaints(seen)
    assert {name: c for name, c in found.items() if c} == {}
