"""Making an account."""

from datetime import UTC, datetime
from typing import Any

import pytest

from enertrack.stores import invitations, sessions, users
from enertrack.stores.tables import Role
from tests.web.auth.conftest import Post, actions, path_in
from tests.web.conftest import NOW, Browser, Site

PASSWORD = "siete tordos al alba"
MOMENT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {"enertrack_registro": "abierto"}


async def register(browser: Browser, name: str = "carla", **fields: str) -> int:
    answer = await browser.send("/registro", **{"nombre_usuario": name, "clave": PASSWORD} | fields)
    return answer.status_code


async def test_a_person_makes_their_account_and_is_signed_in(site: Site) -> None:
    browser = site.browser()
    assert await register(browser, " carla ") == 303
    assert "carla" in await browser.text("/")
    assert (await site.browser().enter("carla", PASSWORD)).status_code == 303
    assert await actions(site) == ["registro", "ingreso", "ingreso"]


async def test_a_new_account_goes_on_in_the_browsers_language(site: Site) -> None:
    browser = site.browser()
    form = {"nombre_usuario": "carla", "clave": PASSWORD, "csrf": await browser.token()}
    await browser.post("/registro", form, Accept_Language="en-GB")
    made = await users.user_by_name(site.engine, "carla")
    assert made
    assert made.idioma == "en"


@pytest.mark.parametrize("name", ["ana", "ANA"])
async def test_a_name_that_is_somebodys_is_said_to_be(site: Site, name: str) -> None:
    answer = await site.browser().send("/registro", nombre_usuario=name, clave=PASSWORD)
    assert answer.status_code == 422
    assert "ya está en uso" in await answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name",
    ["", "an", "a b c", "a@b.example", "<b>ana</b>", "eliminado-1", "ELIMINADO-9", "x" * 81, "a\x00bc", "a\u202ebc"],
)
async def test_some_names_nobody_may_have(site: Site, name: str) -> None:
    assert await register(site.browser(), name) == 422


@pytest.mark.parametrize("password", ["", "corta", "contraseña", "aaaaaaaaaaaa", "carla carla carla", "x" * 129])
async def test_a_weak_password_is_refused_with_the_reason(site: Site, password: str) -> None:
    answer = await site.browser().send("/registro", nombre_usuario="carla", clave=password)
    assert answer.status_code == 422
    assert "is-invalid" in await answer.get_data(as_text=True)
    assert await users.user_by_name(site.engine, "carla") is None


async def test_any_character_may_be_in_a_password(site: Site) -> None:
    password = "  ñandú 🙂 <b>&amp;\t日本語 %s {{ x }} " + "é" * 80
    assert await register(site.browser(), clave=password) == 303
    assert (await site.browser().enter("carla", password)).status_code == 303


async def test_new_accounts_from_one_place_are_limited(site: Site) -> None:
    codes = [await register(site.browser(), f"nueva{i}", clave="corta y debil") for i in range(12)]
    assert 429 in codes


class TestAddress:
    """An address is an account's once its owner has opened the link."""

    async def test_it_is_confirmed_by_a_button(self, site: Site, post: Post) -> None:
        browser = site.browser()
        assert await register(browser, correo="carla@ejemplo.example") == 303
        path = path_in(await post.letter())
        assert (await self.mail_of(site, "carla")) is None
        assert "carla@ejemplo.example" in await browser.text(path)
        assert (await self.mail_of(site, "carla")) is None
        assert (await browser.send(path)).status_code == 303
        assert (await self.mail_of(site, "carla")) == "carla@ejemplo.example"
        assert (await browser.get(path)).status_code == 404

    async def test_one_that_is_known_looks_the_same(self, site: Site, post: Post) -> None:
        ana = await users.user_by_name(site.engine, "ana")
        assert ana
        await users.change(site.engine, ana.id, correo="ana@ejemplo.example")
        answers = []
        for name, address in (("carla", "carla@ejemplo.example"), ("dora", "ANA@ejemplo.example")):
            answer = await site.browser().send("/registro", nombre_usuario=name, clave=PASSWORD, correo=address)
            answers.append((answer.status_code, answer.headers["Location"]))
        assert answers[0] == answers[1]
        told = {taken.recipients[0]: taken.text for taken in await post.letters()}
        assert "ya es el de la suya" in told["ana@ejemplo.example"]
        assert "/correo/" not in told["ana@ejemplo.example"]
        assert await self.mail_of(site, "dora") is None

    async def test_it_is_not_taken_from_another_account_meanwhile(self, site: Site, post: Post) -> None:
        browsers = [site.browser(), site.browser()]
        for browser, name in zip(browsers, ("carla", "dora"), strict=True):
            await register(browser, name, correo="una@ejemplo.example")
        for taken in await post.letters():
            assert (await browsers[0].send(path_in(taken))).status_code == 303
        assert [await self.mail_of(site, n) for n in ("carla", "dora")] == ["una@ejemplo.example", None]

    async def test_an_account_made_inactive_gets_none(self, site: Site, post: Post) -> None:
        browser = site.browser()
        await register(browser, correo="carla@ejemplo.example")
        path = path_in(await post.letter())
        carla = await users.user_by_name(site.engine, "carla")
        assert carla
        await users.change(site.engine, carla.id, activo=False)
        assert (await browser.get(path)).status_code == 404
        assert (await browser.send(path)).status_code == 404
        assert await self.mail_of(site, "carla") is None

    async def test_a_letter_to_a_stranger_says_nothing_that_somebody_chose(self, site: Site, post: Post) -> None:
        await register(site.browser(), "compre.en.otro.example", correo="victima@ejemplo.example")
        assert "otro.example" not in (await post.letter()).text

    @pytest.mark.parametrize("address", ["x<victima@ejemplo.example>", "g:victima@ejemplo.example;", "a,b@ejemplo.es"])
    async def test_more_than_an_address_is_none(self, site: Site, post: Post, address: str) -> None:
        """Else one that is somebody else's would pass for another each time."""
        assert await register(site.browser(), correo=address) == 422
        assert await post.letters() == []

    async def test_an_address_gets_few_letters(self, site: Site, post: Post) -> None:
        for i in range(6):
            await register(site.browser(), f"nueva{i}", correo="victima@ejemplo.example")
        assert len(await post.letters()) == 3

    @pytest.mark.parametrize("token", ["x", "eyJ.x.y", "é"])
    async def test_a_link_that_we_did_not_make_is_none(self, site: Site, token: str) -> None:
        browser = site.browser()
        assert (await browser.get(f"/correo/{token}")).status_code == 404
        assert (await browser.send(f"/correo/{token}")).status_code == 404

    @staticmethod
    async def mail_of(site: Site, name: str) -> str | None:
        user = await users.user_by_name(site.engine, name)
        assert user
        return user.correo


class TestByInvitation:
    """Who was given a link."""

    @pytest.fixture
    def more_settings(self) -> dict[str, Any]:
        return {"enertrack_registro": "invitacion"}

    async def test_nobody_without_one(self, site: Site) -> None:
        assert "por invitación" in await site.browser().text("/registro")
        assert await register(site.browser()) == 403
        assert await register(site.browser(), invitacion="inventada") == 403

    async def test_it_makes_one_account(self, site: Site) -> None:
        token = await self.invitation(site)
        assert token in await site.browser().text(f"/registro?invitacion={token}")
        assert await register(site.browser(), "ana", invitacion=token) == 422
        assert await register(site.browser(), invitacion=token) == 303
        assert await register(site.browser(), "dora", invitacion=token) == 403

    async def test_it_gives_what_it_offers(self, site: Site) -> None:
        browser = site.browser()
        assert await register(browser, invitacion=await self.invitation(site, site.own)) == 303
        assert "Casa de ana" in await browser.text("/")

    @staticmethod
    async def invitation(site: Site, node_id: int | None = None) -> str:
        ana = await users.user_by_name(site.engine, "ana")
        assert ana
        return await invitations.create(site.engine, invited_by=ana.id, now=MOMENT, node_id=node_id, rol=Role.LECTOR)


class TestClosed:
    """Where an administrator makes the accounts."""

    @pytest.fixture
    def more_settings(self) -> dict[str, Any]:
        return {"enertrack_registro": "cerrado"}

    async def test_nobody_not_even_who_was_invited(self, site: Site) -> None:
        token = await TestByInvitation.invitation(site)
        assert "quien administra" in await site.browser().text(f"/registro?invitacion={token}")
        assert await register(site.browser(), invitacion=token) == 403


async def test_a_session_that_was_there_is_not_gone_on_with(site: Site) -> None:
    browser = await site.signed_in("bruno")
    before = browser.cookie()
    assert await register(browser) == 303
    assert browser.cookie() != before
    bruno = await users.user_by_name(site.engine, "bruno")
    assert bruno
    assert await sessions.of_person(site.engine, bruno.id, MOMENT) == []
