"""Installed on a telephone: it can be, it says so where there is no network, and it keeps nothing of anybody."""

from playwright.async_api import Page, expect

from tests.e2e.browser import Visit

KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
    }
    return found;
}"""

NEEDED = """() => [...document.querySelectorAll("link[href], script[src]")]
    .map((e) => [e.rel || "script", new URL(e.href || e.src).pathname])"""


async def ready(page: Page) -> None:
    """The worker has the page."""
    await page.evaluate("navigator.serviceWorker.ready")
    await page.wait_for_function("navigator.serviceWorker.controller !== null")


async def test_it_can_be_installed(seen: Visit) -> None:
    await seen.open("/ingresar")
    await ready(seen.page)
    tools = await seen.page.context.new_cdp_session(seen.page)
    mistakes = await tools.send("Page.getInstallabilityErrors")
    # A browser in a test keeps nothing, and so installs nothing.
    assert {m["errorId"] for m in mistakes["installabilityErrors"]} <= {"in-incognito"}
    manifest = await tools.send("Page.getAppManifest")
    assert manifest["errors"] == []


async def test_without_network_it_says_so_and_comes_back(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    await ready(page)
    await page.context.set_offline(True)
    await page.get_by_role("link", name="Consumo").click()
    await expect(page.get_by_role("heading", name="Sin conexión")).to_be_visible()
    needed = await page.evaluate(NEEDED)
    assert {kind for kind, _ in needed} == {"icon", "stylesheet", "script"}
    assert {path for _, path in needed} <= set(await page.evaluate(KEPT))
    await page.context.set_offline(False)
    await expect(page.get_by_role("heading", name="Consumo")).to_be_visible()


async def test_nothing_of_anybody_is_kept(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    page = seen.page
    await ready(page)
    for path in ("/consumo", "/perfil", "/"):
        await seen.open(path)
    kept = await page.evaluate(KEPT)
    assert "/sin-conexion" in kept
    assert {path for path in kept if not path.startswith("/static/")} == {"/sin-conexion"}
    await page.get_by_role("button", name="Cuenta de").click()
    await page.get_by_role("button", name="Salir").click()
    await expect(page.get_by_label("Contraseña")).to_be_visible()
    left = await page.evaluate(KEPT)
    assert {path for path in left if not path.startswith("/static/")} <= {"/sin-conexion"}
    assert seen.complaints == []
