"""What stays in a browser, what a name does in it, and how one gets about without a mouse."""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Dialog, Page, expect

from tests.e2e.browser import Visit, visit
from tests.e2e.pages import own
from tests.web.attacks.corpus import HTML

KEPT = """async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    bases: (await indexedDB.databases()).map((found) => found.name),
    caches: (await Promise.all(
        (await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((kept) => kept.url)),
    )).flat(),
    cookies: document.cookie,
})"""
FOCUS = """() => {
    const found = document.activeElement;
    const style = getComputedStyle(found);
    const box = found.getBoundingClientRect();
    return {
        what: `${found.tagName} ${found.textContent.trim().slice(0, 40)}`,
        body: found === document.body,
        visible: style.outlineStyle !== "none" || style.boxShadow !== "none",
        inSight: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        order: found.tabIndex,
    };
}"""
MOVING = """() => document.getAnimations()
    .filter((found) => found.playState === "running")
    .filter((found) => {
        const time = found.effect.getComputedTiming();
        return time.duration * Math.min(time.iterations, 1e6) > 50;
    })
    .map((found) => `${found.effect.target.tagName} ${found.effect.target.className}`)"""


async def test_nothing_is_left_after_leaving(seen: Visit) -> None:
    """Neither by going back nor in the browser's memory of pages."""
    await seen.enter("demo", "demo")
    await seen.open("/perfil")
    await seen.open("/consumo")
    await leave(seen.page)
    for _ in range(3):
        await seen.page.go_back(wait_until="load")
        await expect(seen.page.get_by_role("link", name="Taller")).to_have_count(0)
        await expect(seen.page.get_by_label("Nombre de usuario")).to_have_count(0)


async def test_form_of_a_session_that_ended_says_that_nothing_was_saved_and_comes_back(seen: Visit) -> None:
    page = seen.page
    await seen.enter("demo", "demo")
    await seen.open("/perfil")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Guardar").first.click()
    told = page.locator(".toast", has_text="no se guardó")
    await expect(told).to_be_visible()
    await expect(told).to_have_attribute("data-bs-autohide", "false")
    await told.get_by_role("button", name="Cerrar").click()
    await expect(told).to_have_count(0)
    await page.get_by_label("Usuario").fill("demo")
    await page.get_by_label("Contraseña").fill("demo")
    await page.get_by_role("button", name="Ingresar").click()
    await page.wait_for_url(seen.base + "/perfil")


async def leave(page: Page) -> None:
    button = page.get_by_role("button", name="Salir")
    if not await button.is_visible():
        await page.locator("header .dropdown-toggle").last.click()
    await button.click()
    await page.wait_for_url("**/ingresar*")


async def test_browser_keeps_nothing_about_anybody(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    for path in (await own(seen)).values():
        await seen.open(path)
    kept = await seen.page.evaluate(KEPT)
    assert set(kept["local"]) <= {"tema"}
    assert kept["session"] == {}
    assert kept["bases"] == []
    assert kept["cookies"] == ""
    public = [url.removeprefix(seen.base) for url in kept["caches"]]
    assert [path for path in public if not path.startswith(("/static/", "/sin-conexion"))] == []
    assert "Taller" not in json.dumps(kept)


NAMING = (
    *("panel", "medidores", "medidor", "medidor-ajustes", "medidor-personas", "potencia"),
    *("consumo-dia", "consumo-mapa", "todos-los-medidores"),
)


@pytest.fixture
async def named(demo: str) -> AsyncIterator[Visit]:
    """A browser in which anything that a name could do would be seen."""
    async with visit(demo) as found:
        found.page.on("dialog", lambda dialog: _complain(found, dialog))
        await found.enter("demo", "demo")
        yield found


async def _complain(seen: Visit, dialog: Dialog) -> None:
    seen.complaints.append(f"a dialog: {dialog.message}")
    await dialog.dismiss()


async def test_names_do_nothing_in_the_browser(named: Visit) -> None:
    """All of the corpus in one name, on each page that shows it, live values and charts included."""
    await named.open("/nodos")
    href = await named.page.locator('a[href$="/ajustes"]').first.get_attribute("href")
    await named.open(str(href))
    name = named.page.get_by_label("Nombre", exact=True)
    before = await name.input_value()
    for value in (HTML[1], HTML[3]):
        await _rename(named, str(href), value)
        for path in (await _shown(named)).values():
            await named.open(path)
        assert named.complaints == []
    await _rename(named, str(href), before)


async def test_name_of_one_long_word_stays_within_a_narrow_page(demo: str) -> None:
    async with visit(demo, width=360) as seen:
        await seen.enter("demo", "demo")
        pages = await _shown(seen)
        href = pages["medidor-ajustes"]
        await seen.open(href)
        before = await seen.page.get_by_label("Nombre", exact=True).input_value()
        await _rename(seen, href, "M" * 100)
        beyond = {}
        for name, path in pages.items():
            await seen.open(path)
            beyond[name] = await seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await _rename(seen, href, before)
    assert {name: px for name, px in beyond.items() if px > 0} == {}


async def _shown(seen: Visit) -> dict[str, str]:
    await seen.open("/")
    found = await own(seen)
    return {name: found[name] for name in NAMING}


async def _rename(seen: Visit, href: str, value: str) -> None:
    await seen.open(href)
    await seen.page.get_by_label("Nombre", exact=True).fill(value)
    await seen.page.get_by_role("button", name="Guardar").click()
    await seen.told()


async def test_keyboard_reaches_everything_in_order_and_shows_where_it_is(seen: Visit) -> None:
    await seen.page.emulate_media(reduced_motion="reduce")  # no page is still on its way to what has the focus
    await seen.enter("demo", "demo")
    for name, path in (await own(seen)).items():
        await seen.open(path)
        await seen.page.keyboard.press("Tab")
        first = await seen.page.evaluate(FOCUS)
        assert "Ir al contenido" in first["what"], name
        reached = [first]
        for _ in range(12):
            await seen.page.keyboard.press("Tab")
            reached.append(await seen.page.evaluate(FOCUS))
        lost = [f for f in reached if not f["body"] and not (f["visible"] and f["inSight"] and f["order"] == 0)]
        assert lost == [], name


async def test_skip_link_goes_past_the_navigation(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    await seen.page.keyboard.press("Tab")
    await seen.page.keyboard.press("Enter")
    await seen.page.keyboard.press("Tab")
    assert await seen.page.evaluate("document.activeElement.closest('main') !== null")


async def test_menu_opens_and_closes_by_keyboard_and_gives_the_focus_back(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    button = seen.page.locator("header .dropdown-toggle").last
    await button.focus()
    await seen.page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await seen.page.keyboard.press("Escape")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(button).to_be_focused()


async def test_nothing_moves_for_who_asked_for_that(seen: Visit) -> None:
    await seen.page.emulate_media(reduced_motion="reduce")
    await seen.enter("demo", "demo")
    for name, path in (await own(seen)).items():
        await seen.open(path)
        assert await seen.page.evaluate(MOVING) == [], name
