"""Another password for who forgot theirs."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import forgotten, users
from enertrack.stores.users import User
from tests.web.auth.conftest import Post, actions, path_in
from tests.web.conftest import NOW, PASSWORD, Site

OTHER = "siete tordos al alba"
MAIL = "ana@ejemplo.example"
MOMENT = datetime.fromtimestamp(NOW, UTC)
DEADLINE_S = 20


@pytest.fixture
async def site(site: Site) -> Site:
    await users.change(site.engine, await number(site), correo=MAIL)
    return site


async def number(site: Site, name: str = "ana") -> int:
    user = await users.user_by_name(site.engine, name)
    assert user
    return user.id


async def link(site: Site) -> str:
    return "/restablecer/" + await forgotten.create(site.engine, await number(site), MOMENT)


async def test_the_link_in_the_letter_gives_another_password(site: Site, post: Post) -> None:
    signed_in, browser = await site.signed_in("ana"), site.browser()
    answer = await browser.send("/olvide", correo=" ANA@ejemplo.example ")
    assert answer.status_code == 200
    taken = await post.letter()
    assert taken.recipients == [MAIL]
    path = path_in(taken)
    assert "ana" in await browser.text(path)
    assert (await browser.send(path, clave=OTHER)).status_code == 303
    assert (await signed_in.get("/")).status_code == 303
    assert (await browser.get("/")).status_code == 303
    assert (await site.browser().enter("ana", PASSWORD)).status_code == 401
    assert (await site.browser().enter("ana", OTHER)).status_code == 303
    assert "contraseña" in (await post.letter()).text
    assert {"clave_olvidada", "clave_restablecida"} <= set(await actions(site))


async def test_it_reads_the_same_whether_the_address_is_known(site: Site, post: Post) -> None:
    pages = []
    for address in (MAIL, "nadie@ejemplo.example"):
        answer = await site.browser().send("/olvide", correo=address)
        page = await answer.get_data(as_text=True)
        pages.append((answer.status_code, page.split("<main")[1]))
    assert pages[0] == pages[1]
    assert len(await post.letters()) == 1


async def test_nobody_waits_for_what_depends_on_the_address(
    site: Site, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of the answer would tell whether somebody has it."""
    answered, real = asyncio.Event(), users.user_by_mail

    async def looks_later(engine: AsyncEngine, address: str) -> User | None:
        await answered.wait()
        return await real(engine, address)

    monkeypatch.setattr(users, "user_by_mail", looks_later)
    async with asyncio.timeout(DEADLINE_S):
        assert (await site.browser().send("/olvide", correo=MAIL)).status_code == 200
    answered.set()
    assert (await post.letter()).recipients == [MAIL]


async def test_an_inactive_account_gets_no_letter(site: Site, post: Post) -> None:
    await users.change(site.engine, await number(site), activo=False)
    await site.browser().send("/olvide", correo=MAIL)
    assert await post.letters() == []


async def test_letters_are_few(site: Site, post: Post) -> None:
    for _ in range(6):
        await site.browser().send("/olvide", correo=MAIL)
    assert len(await post.letters()) == 3


async def test_a_server_that_takes_no_letter_is_seen_by_nobody(site: Site, post: Post) -> None:
    post.server.refuses = True
    assert (await site.browser().send("/olvide", correo=MAIL)).status_code == 200
    assert await post.letters() == []


async def test_a_link_is_worth_nothing_after_its_use(site: Site) -> None:
    path, browser = await link(site), site.browser()
    assert (await browser.send(path, clave=OTHER)).status_code == 303
    assert (await browser.get(path)).status_code == 404
    assert (await browser.send(path, clave="otra clave larga y rara")).status_code == 404
    assert (await site.browser().enter("ana", OTHER)).status_code == 303


@pytest.mark.parametrize("password", ["corta", "una ana larga", MAIL, "password1234"])
async def test_a_weak_password_is_refused_and_the_link_stays(site: Site, password: str) -> None:
    path, browser = await link(site), site.browser()
    assert (await browser.send(path, clave=password)).status_code == 422
    assert (await browser.send(path, clave=OTHER)).status_code == 303


async def test_a_change_of_the_password_makes_links_worthless(site: Site) -> None:
    path, browser = await link(site), await site.signed_in("ana")
    await browser.send("/perfil/clave", clave__actual=PASSWORD, clave__clave=OTHER)
    assert (await site.browser().get(path)).status_code == 404


async def test_the_second_factor_stays(site: Site) -> None:
    await site.give_second_factor(await number(site))
    browser = site.browser()
    await browser.send(await link(site), clave=OTHER)
    answer = await browser.enter("ana", OTHER)
    assert answer.headers["Location"] == "/ingresar/codigo"


@pytest.mark.parametrize("host", ["otro.example", "casa.example.otro.example"])
async def test_links_lead_to_the_configured_name_whatever_the_request_says(site: Site, post: Post, host: str) -> None:
    browser = site.browser()
    form = {"correo": MAIL, "csrf": await browser.token()}
    await browser.post("/olvide", form, Host=host, Origin=f"http://{host}")
    for taken in await post.letters():
        assert host not in taken.text


class TestWithoutMail:
    """The administrator makes the link."""

    @pytest.fixture
    def more_settings(self) -> dict[str, Any]:
        return {"enertrack_smtp_host": None}

    async def test_the_page_says_whom_to_ask(self, site: Site) -> None:
        assert "quien administra" in await site.browser().text("/olvide")
        assert (await site.browser().send("/olvide", correo=MAIL)).status_code == 403

    async def test_the_link_works(self, site: Site) -> None:
        assert (await site.browser().send(await link(site), clave=OTHER)).status_code == 303
        assert (await site.browser().enter("ana", OTHER)).status_code == 303
