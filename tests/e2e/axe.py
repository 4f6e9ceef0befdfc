"""axe-core, which looks for what WCAG 2.2 AA forbids and can be seen by a program."""

from pathlib import Path

from tests.e2e.browser import Visit

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RUN = "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"


async def complaints(seen: Visit) -> list[str]:
    """What is wrong, and where."""
    await seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await seen.page.evaluate(RUN)
    assert found["passes"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found["violations"] for node in v["nodes"]]
