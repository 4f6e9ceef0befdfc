"""What a household does, in a real browser before real servers: from an account to a shared meter and back."""

import asyncio
import re

import pytest
from aiomqtt import MqttError
from playwright.async_api import Page, expect

from tests.e2e.browser import Visit
from tests.e2e.house import WATT_HOURS, Board, Credential, board
from tests.support.processes import eventually

PATIENCE_S = 30
ASKED_AGAIN_S = 120
"""A meter that was off when it was asked hears it the next time."""
BOARD = "A0B76512F3C8"
PASSWORD = "lluvia sobre el tejado verde"


async def registers(seen: Visit, name: str, path: str = "/registro") -> None:
    await seen.open(path)
    await seen.page.get_by_label("Nombre de usuario").fill(name)
    await seen.page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    await seen.page.get_by_role("button", name="Crear la cuenta").click()
    await seen.told()


async def adds_a_meter(page: Page) -> Credential:
    """By the page's own ways from the empty panel; what it shows once."""
    await page.get_by_role("link", name="Agregar medidor").first.click()
    await page.get_by_label("Identificador").fill(BOARD)
    await page.get_by_label("Nombre", exact=True).fill("Casa")
    await page.get_by_role("button", name="Agregar").click()
    await expect(page.get_by_role("img", name="Código QR con la credencial")).to_be_visible()
    names = ("servidor", "puerto", "usuario", "clave", "cliente")
    host, port, user, password, client_id = [await page.locator(f"#{name}").inner_text() for name in names]
    assert user == BOARD
    return Credential(host, int(port), user, password, client_id)


async def test_from_an_account_to_a_shared_meter_and_back(ana: Visit, bruno: Visit) -> None:
    await registers(ana, "ana")
    credential = await adds_a_meter(ana.page)
    async with board(credential) as meter:
        assert (await meter.measured())["rechazadas"] == 0
        await hears_of_it(ana.page, meter)
        await sees_it_live(ana.page, meter)
        await sees_what_was_used(ana)
        link = await shares(ana)
        await comes_by(bruno, link)
        await reads_and_does_not_change(bruno)
        await is_put_out(ana, bruno)
        assert ana.complaints == []
        await retires(ana, meter)


async def hears_of_it(page: Page, meter: Board) -> None:
    """The page of the credential tells that the meter is there."""

    async def told() -> bool:
        await meter.lives(400.0)
        return await page.locator("[data-arrived]").is_visible()

    await eventually(told, "the page of the credential")


async def sees_it_live(page: Page, meter: Board) -> None:
    """The meter is asked for fast values while the page is open, and shows them at once."""
    async with asyncio.timeout(ASKED_AGAIN_S):
        await page.get_by_role("link", name="Ver el medidor").click()
        await meter.watched()
    await expect(page.get_by_role("heading", name="Casa")).to_be_visible()

    async def shown() -> bool:
        await meter.lives(765.0)
        return await page.locator('[data-value="potencia"]').first.inner_text() == "765"

    await eventually(shown, "the live value")


async def sees_what_was_used(seen: Visit) -> None:
    """The history has the readings, the year what was used between them."""
    await seen.open(f"/nodos/{BOARD}/potencia")
    await expect(seen.page.locator("#tabla tbody tr").first).to_be_visible()
    await seen.open("/consumo?periodo=anio")

    async def counted() -> bool:
        await seen.page.reload()
        return await kwh(seen.page) == WATT_HOURS / 1000

    await eventually(counted, "what was used")


async def kwh(page: Page) -> float:
    text = await page.locator("#total").inner_text()
    return float(re.sub(r"[^\d,]", "", text).replace(",", ".") or 0)


async def shares(seen: Visit) -> str:
    """The address for a lector."""
    page = seen.page
    await seen.open(f"/nodos/{BOARD}/personas")
    await page.get_by_label("Lector: solo mirar").check()
    await page.get_by_role("button", name="Crear el enlace", exact=True).click()
    link = await page.locator("#enlace").inner_text()
    assert link.startswith(f"{seen.base}/invitaciones/")
    return link.removeprefix(seen.base)


async def comes_by(seen: Visit, link: str) -> None:
    """Somebody without an account makes one and accepts."""
    page = seen.page
    await registers(seen, "bruno")
    await seen.open(link)
    await page.get_by_role("button", name="Aceptar como bruno").click()
    await expect(page.get_by_role("heading", name="Casa")).to_be_visible()


async def reads_and_does_not_change(seen: Visit) -> None:
    """Neither by what the page offers, nor by asking for it all the same."""
    page = seen.page
    await seen.open(f"/nodos/{BOARD}/ajustes")
    for name in ("Guardar", "Renovar la credencial", "Dar de baja"):
        await expect(page.locator("button, summary").filter(has_text=name)).to_have_count(0)
    token = await page.locator('input[name="csrf"]').first.input_value()
    for action in ("ajustes", "credencial", "placa", "baja", "invitaciones"):
        answer = await page.request.post(
            f"{seen.base}/nodos/{BOARD}/{action}", form={"csrf": token, "nombre": "Mío"}, headers={"Origin": seen.base}
        )
        assert answer.status == 403, action
    await seen.open("/")
    await expect(page.get_by_role("link", name="Casa").first).to_be_visible()


async def is_put_out(owner: Visit, guest: Visit) -> None:
    """The page is gone for who was taken off the list."""
    await owner.open(f"/nodos/{BOARD}/personas")
    await owner.page.locator("summary", has_text="Quitar").click()
    await owner.page.get_by_role("button", name="Confirmar").click()
    await expect(owner.page.locator("summary", has_text="Quitar")).to_have_count(0)
    answer = await guest.page.goto(f"{guest.base}/nodos/{BOARD}")
    assert answer
    assert answer.status == 404
    await guest.open("/")
    await expect(guest.page.get_by_role("link", name="Casa")).to_have_count(0)


async def retires(seen: Visit, meter: Board) -> None:
    """Its account at the broker ends with it."""
    await seen.open(f"/nodos/{BOARD}/ajustes")
    await seen.page.locator("summary", has_text="Dar de baja").click()
    await seen.page.get_by_role("button", name="Confirmar").click()
    with pytest.raises(MqttError):
        async with asyncio.timeout(PATIENCE_S):
            await meter.hears_on()
