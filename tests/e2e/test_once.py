"""Pages that are shown once, or on the way to another: axe-core before each, and a picture in each width and theme."""

import time

from enertrack.domain import totp
from tests.e2e.axe import complaints
from tests.e2e.browser import Visit
from tests.e2e.screenshots import FOLDER
from tests.e2e.test_flow import PASSWORD, adds_a_meter, registers, shares
from tests.support.mariadb import Database

HEIGHT = 900


async def test_nothing_bars_the_way(ana: Visit, bruno: Visit, mariadb_database: Database) -> None:
    found = await a_household(ana, bruno)
    mariadb_database.query("UPDATE Usuarios SET es_admin = 1 WHERE nombre_usuario = 'ana'")
    found |= await a_second_factor(ana)
    found |= await an_administrator(ana, bruno)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert (ana.complaints, bruno.complaints) == ([], [])


async def look(seen: Visit, name: str) -> dict[str, list[str]]:
    """What axe-core says of the page that is shown, in each width and theme; its pictures go to .screenshots/."""
    wrong: list[str] = []
    FOLDER.mkdir(exist_ok=True)
    for width in (360, 1280):
        await seen.page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme in ("light", "dark"):
            await seen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half way
            wrong += await complaints(seen)
            await seen.page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
    return {name: wrong}


async def a_household(ana: Visit, bruno: Visit) -> dict[str, list[str]]:
    """The empty panel, a credential, an invitation made and found, a token."""
    await registers(ana, "ana")
    found = await look(ana, "panel-vacio")
    await adds_a_meter(ana.page)
    found |= await look(ana, "credencial")
    link = await shares(ana)
    found |= await look(ana, "medidor-enlace")
    await registers(bruno, "bruno")
    await bruno.open(link)
    found |= await look(bruno, "invitacion-abierta")
    await ana.open("/perfil")
    await ana.page.get_by_text("Crear un token").click()
    await ana.page.locator("form[action$='/tokens'] [name$=nombre]").fill("planilla")
    await ana.page.get_by_role("button", name="Crear", exact=True).click()
    return found | await look(ana, "token")


async def a_second_factor(seen: Visit) -> dict[str, list[str]]:
    """Which an administrator must have: its setting up, the codes, and the second step of signing in."""
    await seen.open("/perfil/segundo-factor")
    found = await look(seen, "segundo-factor-obligatorio")
    secret = (await seen.page.locator(".account-secret").inner_text()).replace(" ", "")
    form = seen.page.locator("form[action$='segundo-factor']")
    await form.locator("[name$=codigo]").fill(totp.code_at(secret, int(time.time()) // totp.STEP_S))
    await form.locator("[name$=actual]").fill(PASSWORD)
    await seen.page.get_by_role("button", name="Activar").click()
    await seen.page.get_by_role("heading", name="Sus códigos de recuperación").wait_for()
    found |= await look(seen, "codigos-recuperacion")
    code = (await seen.page.locator("main code, main li").first.inner_text()).strip()
    await seen.page.context.clear_cookies()
    await seen.open("/ingresar")
    await seen.page.get_by_label("Usuario").fill("ana")
    await seen.page.get_by_label("Contraseña").fill(PASSWORD)
    await seen.page.get_by_role("button", name="Ingresar").click()
    await seen.page.get_by_role("heading", name="Segundo paso").wait_for()
    found |= await look(seen, "segundo-paso")
    await seen.page.locator("[name$=codigo]").fill(code)
    await seen.page.get_by_role("button", name="Ingresar").click()
    await seen.page.wait_for_url(seen.base + "/")
    return found


async def an_administrator(ana: Visit, bruno: Visit) -> dict[str, list[str]]:
    """A link to another password and an invitation to have an account, with the pages that they lead to."""
    await ana.open("/admin/usuarios")
    await ana.page.get_by_role("link", name="bruno").click()
    await ana.page.get_by_role("button", name="Hacer un enlace").click()
    reset = await ana.page.locator("#enlace").inner_text()
    found = await look(ana, "usuario-enlace")
    await ana.open("/admin/invitaciones")
    await ana.page.get_by_role("button", name="Hacer un enlace").click()
    invitation = await ana.page.locator("#enlace").inner_text()
    found |= await look(ana, "invitacion-enlace")
    await bruno.page.context.clear_cookies()
    for name, link in (("restablecer-abierto", reset), ("registro-invitado", invitation)):
        await bruno.open(link.removeprefix(bruno.base))
        found |= await look(bruno, name)
    return found
