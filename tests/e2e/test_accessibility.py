"""Each page before axe-core."""

from typing import Literal

import pytest

from tests.e2e.axe import complaints
from tests.e2e.browser import visit
from tests.e2e.pages import PUBLIC, own


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
