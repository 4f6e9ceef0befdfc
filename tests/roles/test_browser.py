"""The pages of an installed machine in a real browser: behind nginx, by https, with a meter that sends."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import Elsewhere, Visit, visit
from tests.roles.conftest import only
from tests.support import outside
from tests.support.machine import Machine, elsewhere
from tests.support.processes import eventually

pytestmark = pytest.mark.vm

PATIENCE_MS = 60_000
SUMMARIZED_WITHIN_S = 180
PACKED = {"br", "gzip"}


@only("trixie")
async def test_pages_behind_nginx_live_and_without_a_complaint(deployed: Machine, tmp_path: Path) -> None:
    name = deployed.variables["DOMINIO"]
    outside.add_user(deployed)
    meter = outside.Meter.enrolled(deployed)
    with elsewhere() as namespace, outside.sending(meter, tmp_path / "meter.log"):
        where = Elsewhere(name, deployed.address, deployed.root, namespace)
        async with visit(f"https://{name}", where=where) as seen:
            await seen.enter(outside.USER, outside.PASSWORD)
            await is_packed_and_works_without_a_network(seen.page)
            await lives(seen, meter)
            await tells_what_was_used(seen)
            assert seen.complaints == []


async def is_packed_and_works_without_a_network(page: Page) -> None:
    """What nginx does for the pages: files packed and kept for long, and the worker that answers when it is away."""
    style = await page.locator('link[rel="stylesheet"]').first.get_attribute("href")
    told = await page.evaluate("async (url) => Object.fromEntries((await fetch(url)).headers)", style)
    assert told["content-encoding"] in PACKED
    assert "immutable" in told["cache-control"]
    await page.evaluate("navigator.serviceWorker.ready")


async def lives(seen: Visit, meter: outside.Meter) -> None:
    """A value on the meter's page changes by itself, over a stream that nginx does not hold back."""
    await seen.open(f"/nodos/{meter.esp_id}")
    value = seen.page.locator('[data-value="potencia"]').first
    before = await value.inner_text()
    await expect(value).not_to_have_text(before, timeout=PATIENCE_MS)
    await expect(seen.page.get_by_role("heading", name="Casa")).to_be_visible()


async def tells_what_was_used(seen: Visit) -> None:
    """The energy of the year, from the summaries of what came."""
    await seen.open("/consumo?periodo=anio")

    async def counted() -> bool:
        await seen.page.reload()
        return re.search("[1-9]", await seen.page.locator("#total").inner_text()) is not None

    await eventually(counted, "what was used", deadline_s=SUMMARIZED_WITHIN_S)
