"""The demo as a visitor sees it, in a real browser."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.e2e.browser import Visit, visit
from tests.e2e.pages import PUBLIC, own

COLOURS = """() => {
    const chart = Chart.getChart("barras");
    const bars = [0, 1].map((n) => chart.getDatasetMeta(n).data[0].options.backgroundColor);
    return [getComputedStyle(document.documentElement).getPropertyValue("--et-bar").trim(), ...bars];
}"""
"""The theme's colour of bars, and those of this period's and of the one before."""


async def test_meters_and_a_value_that_changes(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    await expect(page.get_by_text("Modo demo: datos ficticios")).to_be_visible()
    meters = page.locator("[data-meter]")
    await expect(meters).to_have_count(4)
    for name in ("Casa", "Aire acondicionado", "Taller", "Comercio"):
        await expect(page.get_by_role("link", name=name)).to_be_visible()
    value = meters.last.locator('[data-value="tension"]')
    before = await value.inner_text()
    await expect(value).not_to_have_text(before)
    assert seen.complaints == []


async def test_node_is_live_and_leads_to_its_history(seen: Visit, tmp_path: Path) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    await page.get_by_role("link", name="Casa").click()
    value = page.locator('[data-value="tension"]')
    before = await value.inner_text()
    await expect(value).not_to_have_text(before)
    await page.get_by_role("link", name="Tensión").click()
    await expect(page.locator("[data-resolution]")).to_have_text("cada lectura")
    await expect(page.locator("#tabla tbody tr")).to_have_count(20)
    await page.get_by_role("button", name="30 días").click()
    await expect(page.locator("[data-resolution]")).to_have_text("medias por hora")
    mean = await page.locator('[data-stat="media"]').inner_text()
    assert 200 < float(mean.replace(",", ".")) < 240
    await page.locator("#grafico").focus()
    for _ in range(16):
        await page.keyboard.press("+")
    await expect(page.locator("[data-resolution]")).not_to_have_text("medias por hora")
    assert (await page.screenshot(path=tmp_path / "historia.png")).startswith(b"\x89PNG")
    assert seen.complaints == []


async def test_consumption_of_this_year(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    await page.get_by_role("link", name="Consumo").click()
    await page.get_by_role("link", name="Mes", exact=True).click()
    month = datetime.now(UTC).month
    await expect(page.locator("tr[data-bin]")).to_have_count(12)
    theme, *bars = await page.evaluate(COLOURS)
    assert [theme in bar for bar in bars] == [True, True]
    shown = await page.locator("#total").inner_text()
    kwh = float(shown.replace(".", "").replace(",", "."))
    assert kwh > 0
    assert await page.locator("tr[data-bin]").nth(month - 1).locator("td").first.inner_text() != "—"
    await page.get_by_role("checkbox", name="Taller").uncheck()
    await page.get_by_role("checkbox", name="Comercio").uncheck()
    await page.get_by_role("button", name="Ver").click()
    await page.wait_for_url("**nodo=*")
    less = await page.locator("#total").inner_text()
    assert float(less.replace(".", "").replace(",", ".")) < kwh
    assert seen.complaints == []


async def test_live_values_come_back_after_a_refusal(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    refusals = iter([503, 502])

    async def refuse(route: Route) -> None:
        code = next(refusals, None)
        await (route.fulfill(status=code) if code else route.fallback())

    await page.route("**/vivo", refuse)
    await seen.open("/")
    value = page.locator('[data-value="tension"]').first
    before = await value.inner_text()
    await expect(value).not_to_have_text(before)
    assert next(refusals, None) is None
    await expect(page.locator("[data-live-notice]")).to_be_hidden()


async def test_page_whose_session_has_ended_asks_to_sign_in(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    await seen.page.get_by_role("link", name="Casa").click()
    await seen.page.wait_for_load_state()
    await seen.page.context.clear_cookies()
    await seen.sight(hidden=True)
    await seen.sight(hidden=False)
    await expect(seen.page.get_by_label("Contraseña")).to_be_visible()
    await seen.page.get_by_label("Usuario").fill("demo")
    await seen.page.get_by_label("Contraseña").fill("demo")
    await seen.page.get_by_role("button", name="Ingresar").click()
    await expect(seen.page.get_by_role("heading", name="Casa")).to_be_visible()


async def test_page_out_of_sight_hears_nothing(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    value = page.locator('[data-value="tension"]').first
    await expect(value).not_to_have_text(await value.inner_text())
    async with page.expect_event("requestfailed", lambda request: request.url.endswith("/vivo")):
        await seen.sight(hidden=True)
    async with page.expect_request("**/vivo"):
        await seen.sight(hidden=False)
    await expect(value).not_to_have_text(await value.inner_text())
    assert seen.complaints == []


async def test_theme_stays_chosen(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page, root = seen.page, seen.page.locator("html")
    await expect(root).to_have_attribute("data-bs-theme", "light")
    await page.get_by_role("button", name="Cuenta de").click()
    async with page.expect_response("**/perfil/tema"):
        await page.get_by_role("button", name="Oscuro").click()
    await expect(root).to_have_attribute("data-bs-theme", "dark")
    await seen.open("/consumo")
    await expect(root).to_have_attribute("data-bs-theme", "dark")
    await page.get_by_role("button", name="Cuenta de").click()
    async with page.expect_response("**/perfil/tema"):  # the account's, so it would be that of other tests
        await page.get_by_role("button", name="Automático").click()
    assert seen.complaints == []


async def test_automatic_theme_follows_the_system(demo: str) -> None:
    async with visit(demo, scheme="dark") as seen:
        await seen.open("/ingresar")
        await expect(seen.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        await seen.page.get_by_role("heading", name="Ingresar").click()
        assert await seen.page.evaluate("localStorage.getItem('tema')") is None


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_the_screen(demo: str, width: int) -> None:
    async with visit(demo, width=width) as seen:
        wide = {}
        for name, path in PUBLIC.items():
            await seen.open(path)
            wide[name] = await seen.page.evaluate("document.documentElement.scrollWidth")
        await seen.enter("demo", "demo")
        for name, path in (await own(seen)).items():
            await seen.open(path)
            wide[name] = await seen.page.evaluate("document.documentElement.scrollWidth")
    assert {name: w for name, w in wide.items() if w > width} == {}


async def test_leaving_ends_the_session(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    await seen.page.get_by_role("button", name="Cuenta de").click()
    await seen.page.get_by_role("button", name="Salir").click()
    await expect(seen.page.get_by_label("Contraseña")).to_be_visible()
    await seen.open("/")
    await expect(seen.page.get_by_label("Contraseña")).to_be_visible()
    assert seen.complaints == []


async def test_an_operation_of_the_api_is_opened_by_keyboard_and_found_again(seen: Visit) -> None:
    await seen.open("/api/v1/docs")
    await seen.page.get_by_role("button", name="GET /api/v1/yo").first.press("Enter")
    await expect(seen.page).to_have_url(f"{seen.base}/api/v1/docs#/yo/yo.me")
    await seen.page.reload()
    await expect(seen.page.get_by_role("button", name="Try it out")).to_be_visible()
    assert seen.complaints == []
