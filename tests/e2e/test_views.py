"""What a household looks at each day, in a real browser: live values, the year's map, days by date, paper."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.e2e.browser import Visit

LIVE_MS = 5_000
"""A value that a meter sends each two seconds is on the page by then."""

ENTER_THRICE = """() => {
    let sent = 0;
    document.addEventListener("submit", (event) => {
        sent += Number(!event.defaultPrevented);
        event.preventDefault();
    });
    const form = document.querySelector("form[action$='/perfil']");
    for (let i = 0; i < 3; i++) form.requestSubmit();
    return sent;
}"""


async def into(seen: Visit, name: str) -> Page:
    await seen.enter("demo", "demo")
    await seen.page.get_by_role("link", name=name).click()
    await expect(seen.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return seen.page


async def test_live_values_come_soon_and_turn_the_dial(seen: Visit) -> None:
    page = await into(seen, "Casa")
    value = page.locator('[data-value="tension"]')
    await expect(value).not_to_have_text(await value.inner_text())  # the meter heard its order
    for _ in range(3):
        await expect(value).not_to_have_text(await value.inner_text(), timeout=LIVE_MS)
    shown = int((await page.locator(".dial-value [data-value]").inner_text()).replace(".", ""))
    dial = page.get_by_role("meter")
    told, most = (
        int(await dial.get_attribute("aria-valuenow") or ""),
        int(await dial.get_attribute("aria-valuemax") or ""),
    )
    assert abs(told - shown) <= 1
    assert 0 < told <= most
    assert seen.complaints == []


async def test_part_of_a_meter_shows_under_it(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    cards = seen.page.locator("[data-meter]")
    names = await cards.locator("h3").all_inner_texts()
    assert names.index("Aire acondicionado") == names.index("Casa") + 1
    part = cards.nth(names.index("Aire acondicionado"))
    await expect(part).to_contain_text("parte de Casa")
    await expect(cards.nth(names.index("Casa"))).to_contain_text("Sin medir hoy")


async def test_map_of_the_year_by_keyboard(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    await seen.open("/consumo/calor")
    page = seen.page
    place, told = page.locator("#mapa"), page.locator("[data-cell]")
    await expect(place).to_be_visible()
    await place.focus()
    await page.keyboard.press("End")
    newest = await told.inner_text()
    assert re.search(r"\d{4}, 00:00: [\d,]+ kWh$", newest), newest
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowDown")
    await expect(told).to_contain_text("01:00")
    assert await told.inner_text() != newest
    await expect(page.locator("#perfil tbody tr")).to_have_count(24)
    way = await page.get_by_role("link", name="Ver ese día").get_attribute("href")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/consumo?periodo=hora*fecha=*")
    assert page.url == way
    assert seen.complaints == []


async def test_days_by_date(seen: Visit) -> None:
    page = await into(seen, "Casa")
    await page.get_by_role("link", name="Potencia", exact=True).click()
    day = (datetime.now(ZoneInfo("America/Argentina/Buenos_Aires")) - timedelta(days=10)).date()
    await page.locator("#dia-desde").fill(day.isoformat())
    await page.locator("form[data-dates] button").click()
    await expect(page.locator("[data-span]")).to_contain_text(f"{day.day}/{day.month}/")
    await expect(page.locator("#descargar-desde")).to_have_value(day.isoformat())
    await expect(page.locator("#descargar-hasta")).to_have_value(day.isoformat())
    await expect(page.locator("[data-page-text]")).to_have_text(re.compile(r"^1 / "))
    await expect(page.locator("[data-range].active")).to_have_count(0)
    await page.reload()  # a bookmark; and where the form was sent before its module had come
    await expect(page.locator("[data-span]")).to_contain_text(f"{day.day}/{day.month}/")
    await expect(page.locator("#dia-desde")).to_have_value(day.isoformat())
    await page.get_by_role("button", name="7 días", exact=True).click()
    assert "?" not in page.url
    await expect(page.locator("[data-range].active")).to_have_count(1)
    assert seen.complaints == []


async def test_paper_has_the_whole_table_and_no_buttons(seen: Visit) -> None:
    page = await into(seen, "Casa")
    await page.get_by_role("link", name="Potencia", exact=True).click()
    await expect(page.locator("#tabla tbody tr")).to_have_count(20)
    await page.emulate_media(media="print")
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert await page.locator("#tabla tbody tr").count() > 1000
    for hidden in (".app-bar", ".chart-tools", ".pager", "[data-print]", ".download"):
        await expect(page.locator(hidden).first).to_be_hidden()
    await expect(page.locator("#grafico")).to_be_visible()


async def test_comparisons_can_be_shown_and_hidden(seen: Visit) -> None:
    await seen.enter("demo", "demo")
    await seen.open("/consumo")
    page = seen.page
    visible = "Object.values(Chart.instances)[0].getVisibleDatasetCount()"
    assert await page.evaluate(visible) == 2
    await page.get_by_role("checkbox", name="Hace un año").check()
    assert await page.evaluate(visible) == 3
    await page.get_by_role("checkbox", name="Período anterior").uncheck()
    assert await page.evaluate(visible) == 2
    assert seen.complaints == []


async def test_a_form_is_sent_once_however_often_enter_is_pressed(seen: Visit) -> None:
    """The answer to the first may show what is shown once; that to the second would take its place."""
    await seen.enter("demo", "demo")
    await seen.open("/perfil")
    assert await seen.page.evaluate(ENTER_THRICE) == 1


async def test_what_was_refused_is_in_sight(seen: Visit) -> None:
    """However far down the page its form stands."""
    await seen.enter("demo", "demo")
    await seen.open("/perfil")
    await seen.page.get_by_text("Eliminar mi cuenta").click()
    field = seen.page.locator("#eliminar-actual")
    await field.fill("esta no es")
    await seen.page.get_by_label("Entiendo que no se puede deshacer.").check()
    await seen.page.get_by_role("button", name="Eliminar para siempre").click()
    await seen.page.wait_for_url("**/perfil/eliminar")
    await expect(field).to_be_focused()
    await expect(seen.page.get_by_text("La contraseña no es correcta.")).to_be_in_viewport()
