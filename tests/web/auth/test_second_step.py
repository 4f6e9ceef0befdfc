"""The code after the password."""

import pytest

from enertrack.stores import users
from tests.web.conftest import Browser, Site

ANA = 1


@pytest.fixture
async def site(site: Site) -> Site:
    await site.give_second_factor(ANA, ["abcdefghijklmnopqrstuvwx", "segundo"])
    return site


async def half_way(site: Site, **more: str) -> Browser:
    browser = site.browser()
    answer = await browser.enter("ana", **more)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ingresar/codigo")
    return browser


async def bring(browser: Browser, code: str) -> int:
    return (await browser.send("/ingresar/codigo", codigo=code)).status_code


async def test_the_password_alone_opens_nothing(site: Site) -> None:
    browser = await half_way(site)
    assert browser.cookie() is None
    assert (await browser.get("/")).status_code == 303
    assert await browser.text("/ingresar/codigo")


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_the_code_of_now_or_nearly_comes_in(site: Site, steps: int) -> None:
    browser = await half_way(site)
    code = site.code(steps)
    assert await bring(browser, f" {code[:3]} {code[3:]} ") == 303
    assert "Casa de ana" in await browser.text("/")


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "١٢٣٤٥٦", "x" * 5000])
async def test_another_code_does_not(site: Site, code: str) -> None:
    browser = await half_way(site)
    assert await bring(browser, code) in {401, 422}
    assert browser.cookie() is None


@pytest.mark.parametrize("steps", [-3, 2])
async def test_a_code_of_long_ago_or_of_later_does_not(site: Site, steps: int) -> None:
    assert await bring(await half_way(site), site.code(steps)) == 401


async def test_a_code_is_used_once(site: Site) -> None:
    assert await bring(await half_way(site), site.code()) == 303
    assert await bring(await half_way(site), site.code()) == 401
    assert await bring(await half_way(site), site.code(-1)) == 401
    assert await bring(await half_way(site), site.code(1)) == 303


async def test_a_recovery_code_comes_in_once(site: Site) -> None:
    code = "ABCDEF-ghijkl-mnopqr stuvwx"
    assert await bring(await half_way(site), code) == 303
    assert await bring(await half_way(site), code) == 401
    assert await bring(await half_way(site), "segundo") == 303


async def test_codes_are_limited_like_passwords(site: Site) -> None:
    browser = await half_way(site)
    assert [await bring(browser, "000000") for _ in range(7)] == [401] * 5 + [429] * 2
    assert await bring(browser, site.code()) == 429


async def test_it_goes_on_to_the_page_that_was_asked_for(site: Site) -> None:
    browser = await half_way(site, siguiente="/consumo?periodo=mes")
    answer = await browser.send("/ingresar/codigo", codigo=site.code())
    assert answer.headers["Location"] == "/consumo?periodo=mes"


async def test_who_has_given_no_password_is_sent_to_do_so(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/ingresar/codigo")).headers["Location"] == "/ingresar"
    answer = await browser.send("/ingresar/codigo", codigo=site.code())
    assert answer.headers["Location"] == "/ingresar"
    assert browser.cookie() is None


async def test_the_first_step_is_worth_nothing_in_another_browser(site: Site) -> None:
    step = (await half_way(site)).cookie("enertrack_paso") or ""
    thief = site.browser()
    thief.client.set_cookie("localhost", "enertrack_paso", step)
    assert (await thief.send("/ingresar/codigo", codigo=site.code())).headers["Location"] == "/ingresar"
    assert thief.cookie() is None


async def test_nor_after_five_minutes(site: Site) -> None:
    browser = await half_way(site)
    later = site.services.now() + 301
    object.__setattr__(site.services, "now", lambda: later)
    assert (await browser.get("/ingresar/codigo")).status_code == 303


async def test_nor_once_the_password_is_another(site: Site) -> None:
    browser = await half_way(site)
    await users.set_password_hash(site.engine, ANA, "scrypt:otra")
    assert (await browser.get("/ingresar/codigo")).status_code == 303


async def test_nor_of_an_account_made_inactive(site: Site) -> None:
    browser = await half_way(site)
    await users.change(site.engine, ANA, activo=False)
    assert (await browser.send("/ingresar/codigo", codigo=site.code())).headers["Location"] == "/ingresar"


async def test_a_key_that_was_lost_leaves_the_recovery_codes(site: Site) -> None:
    async with site.engine.connect() as conn:
        await conn.exec_driver_sql("UPDATE SegundosFactores SET secreto = 'ilegible'")
    assert await bring(await half_way(site), site.code()) == 401
    assert await bring(await half_way(site), "segundo") == 303


async def test_the_device_is_known_only_after_both_steps(site: Site) -> None:
    browser = await half_way(site)
    assert browser.cookie("enertrack_equipo") is None
    await bring(browser, site.code())
    assert browser.cookie("enertrack_equipo")
    assert browser.cookie("enertrack_paso") in {None, ""}
