"""Switching the second factor on and off."""

import html
import re

import pytest

from enertrack.domain import totp
from enertrack.stores import second_factors, users
from tests.web.conftest import NOW, PASSWORD, Browser, Site

PATH = "/perfil/segundo-factor"
ANA = 1


async def offer(browser: Browser) -> tuple[str, str]:
    """The secret that the page shows, and the signed offer of its form."""
    page = await browser.text(PATH)
    secret = re.search(r'account-secret">([A-Z2-7 ]+)<', page)
    signed = re.search(r'name="oferta"[^>]*value="([^"]+)"', page)
    assert secret
    assert signed
    return secret[1].replace(" ", ""), html.unescape(signed[1])


def code(secret: str, steps: int = 0) -> str:
    return totp.code_at(secret, NOW // totp.STEP_S + steps)


async def switched_on(site: Site) -> tuple[Browser, list[str]]:
    browser = await site.signed_in()
    secret, signed = await offer(browser)
    answer = await browser.send(PATH, codigo=code(secret), actual=PASSWORD, oferta=signed)
    assert answer.status_code == 200
    return browser, re.findall(r"<code>([a-z2-7-]+)</code>", await answer.get_data(as_text=True))


async def test_it_is_on_once_a_code_and_the_password_prove_it(site: Site) -> None:
    _browser, codes = await switched_on(site)
    assert len({c for c in codes if re.fullmatch(r"([a-z2-7]{6}-){3}[a-z2-7]{6}", c)}) == 10
    newcomer = site.browser()
    assert (await newcomer.enter("ana")).headers["Location"] == "/ingresar/codigo"
    assert (await newcomer.send("/ingresar/codigo", codigo=codes[3])).status_code == 303


async def test_the_code_that_proved_it_does_not_come_in(site: Site) -> None:
    browser = await site.signed_in()
    secret, signed = await offer(browser)
    await browser.send(PATH, codigo=code(secret), actual=PASSWORD, oferta=signed)
    newcomer = site.browser()
    await newcomer.enter("ana")
    assert (await newcomer.send("/ingresar/codigo", codigo=code(secret))).status_code == 401
    assert (await newcomer.send("/ingresar/codigo", codigo=code(secret, 1))).status_code == 303


async def test_a_wrong_code_or_password_leaves_it_off_with_the_same_secret(site: Site) -> None:
    browser = await site.signed_in()
    secret, signed = await offer(browser)
    for fields in ({"codigo": code(secret, 5), "actual": PASSWORD}, {"codigo": code(secret), "actual": "no es esta"}):
        answer = await browser.send(PATH, oferta=signed, **fields)
        assert answer.status_code == 422
        assert " ".join(re.findall("....", secret)) in await answer.get_data(as_text=True)
    assert await second_factors.find(site.engine, ANA) is None


@pytest.mark.parametrize("forged", ["", "x", "eyJ.a.b"])
async def test_a_secret_that_we_did_not_offer_is_not_taken(site: Site, forged: str) -> None:
    browser = await site.signed_in()
    secret, _signed = await offer(browser)
    assert (await browser.send(PATH, codigo=code(secret), actual=PASSWORD, oferta=forged)).status_code == 303
    assert await second_factors.find(site.engine, ANA) is None


async def test_what_was_offered_to_another_is_not_taken(site: Site) -> None:
    secret, signed = await offer(await site.signed_in("bruno"))
    await (await site.signed_in()).send(PATH, codigo=code(secret), actual=PASSWORD, oferta=signed)
    assert await second_factors.find(site.engine, ANA) is None


async def test_one_that_is_on_is_not_replaced_without_switching_it_off(site: Site) -> None:
    browser = await site.signed_in()
    secret, signed = await offer(browser)
    await site.give_second_factor(ANA)
    before = await second_factors.find(site.engine, ANA)
    await browser.send(PATH, codigo=code(secret), actual=PASSWORD, oferta=signed)
    assert await second_factors.find(site.engine, ANA) == before


async def test_the_secret_is_kept_encrypted_and_the_codes_hashed(site: Site) -> None:
    browser = await site.signed_in()
    secret, signed = await offer(browser)
    answer = await browser.send(PATH, codigo=code(secret), actual=PASSWORD, oferta=signed)
    [first, *_] = re.findall(r"<code>([a-z2-7-]+)</code>", await answer.get_data(as_text=True))
    async with site.engine.connect() as conn:
        kept = str((await conn.exec_driver_sql("SELECT * FROM SegundosFactores")).all())
        kept += str((await conn.exec_driver_sql("SELECT * FROM CodigosRecuperacion")).all())
    assert secret not in kept
    assert first not in kept
    assert first.replace("-", "") not in kept


async def test_other_codes_are_shown_for_the_password(site: Site) -> None:
    browser, before = await switched_on(site)
    assert (await browser.send(f"{PATH}/codigos", codigos__actual="no es esta")).status_code == 422
    answer = await browser.send(f"{PATH}/codigos", codigos__actual=PASSWORD)
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", await answer.get_data(as_text=True))
    assert len(codes) == 10
    assert not set(codes) & set(before)
    newcomer = site.browser()
    await newcomer.enter("ana")
    assert (await newcomer.send("/ingresar/codigo", codigo=before[0])).status_code == 401


async def test_it_is_switched_off_with_the_password(site: Site) -> None:
    browser, _codes = await switched_on(site)
    assert (await browser.send(f"{PATH}/quitar", quitar__actual="no es esta")).status_code == 422
    assert (await browser.send(f"{PATH}/quitar", quitar__actual=PASSWORD)).status_code == 303
    assert (await site.browser().enter("ana")).headers["Location"] == "/"


class TestAdministrators:
    """They must have one."""

    @pytest.fixture
    async def site(self, site: Site) -> Site:
        await users.change(site.engine, ANA, es_admin=True)
        return site

    async def test_they_are_sent_to_set_it_up_and_nowhere_else(self, site: Site) -> None:
        browser = await site.signed_in()
        for path in ("/", "/consumo", "/perfil", "/nodos", "/admin"):
            answer = await browser.get(path)
            assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
        assert (await browser.get("/panel/datos", Accept="application/json")).status_code == 403
        assert (await browser.send("/perfil/tema", tema="claro")).status_code == 303
        assert "debe tener un segundo factor" in await browser.text(PATH)

    async def test_they_go_on_once_they_have_it(self, site: Site) -> None:
        browser, _codes = await switched_on(site)
        assert (await browser.get("/")).status_code == 200

    async def test_they_may_leave(self, site: Site) -> None:
        browser = await site.signed_in()
        page = await browser.text(PATH)
        token = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', page)
        assert token
        assert (await browser.post("/salir", {"csrf": token[1]})).headers["Location"] == "/ingresar"

    async def test_in_the_demo_they_need_none(self, site: Site) -> None:
        site.app.config["DEMO"] = True
        assert (await (await site.signed_in()).get("/")).status_code == 200
