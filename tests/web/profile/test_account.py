"""One's own account."""

import re

import pytest

from enertrack.stores import users
from enertrack.stores.nodes import link_user, set_active
from enertrack.stores.users import User
from tests.web.conftest import PASSWORD, Browser, Site

OTHER = "siete tordos al alba"


async def ana(site: Site) -> User:
    user = await users.user_by_id(site.engine, 1)
    assert user
    return user


async def preferences(site: Site, **fields: str) -> int:
    chosen = {"idioma": "es", "tema": "auto", "zona_horaria": "Europe/Madrid"} | fields
    browser = await site.signed_in()
    answer = await browser.send("/perfil", **{f"preferencias__{name}": value for name, value in chosen.items()})
    return answer.status_code


async def test_preferences_are_kept_and_used(site: Site) -> None:
    assert await preferences(site, idioma="en", tema="oscuro") == 303
    kept = await ana(site)
    assert (kept.idioma, kept.tema, kept.zona_horaria) == ("en", "oscuro", "Europe/Madrid")
    page = await (await site.signed_in()).text("/perfil")
    assert 'lang="en"' in page
    assert 'data-theme="oscuro"' in page


@pytest.mark.parametrize(
    "wrong", [{"idioma": "fr"}, {"tema": "rosa"}, {"zona_horaria": "Europa/Madriz"}, {"zona_horaria": "../etc/passwd"}]
)
async def test_what_is_not_offered_is_refused(site: Site, wrong: dict[str, str]) -> None:
    assert await preferences(site, **wrong) == 422
    assert (await ana(site)).zona_horaria == "America/Argentina/Buenos_Aires"


async def test_the_theme_of_the_menu_is_the_accounts(site: Site) -> None:
    browser = await site.signed_in()
    assert (await browser.send("/perfil/tema", tema="claro")).status_code == 204
    assert (await browser.send("/perfil/tema", tema="otro")).status_code == 400
    assert (await ana(site)).tema == "claro"


class TestName:
    """What one signs in with."""

    async def test_it_is_changed_with_the_password(self, site: Site) -> None:
        assert await self.change(site, "anita", "no es esta") == 422
        assert (await ana(site)).nombre_usuario == "ana"
        assert await self.change(site, "anita", PASSWORD) == 303
        assert (await site.browser().enter("anita")).status_code == 303

    @pytest.mark.parametrize("name", ["bruno", "BRUNO", "", "con espacio", "eliminado-3"])
    async def test_not_into_another_s(self, site: Site, name: str) -> None:
        assert await self.change(site, name, PASSWORD) == 422
        assert (await ana(site)).nombre_usuario == "ana"

    async def test_one_s_own_in_other_letters(self, site: Site) -> None:
        assert await self.change(site, "Ana", PASSWORD) == 303

    @staticmethod
    async def change(site: Site, name: str, password: str) -> int:
        browser = await site.signed_in()
        answer = await browser.send("/perfil/cuenta", cuenta__nombre_usuario=name, cuenta__actual=password)
        return answer.status_code


class TestPassword:
    """Another password."""

    async def test_it_ends_the_other_sessions_and_no_other_does(self, site: Site) -> None:
        here, there = await site.signed_in(), await site.signed_in()
        assert (await here.send("/perfil/clave", clave__actual=PASSWORD, clave__clave=OTHER)).status_code == 303
        assert (await here.get("/")).status_code == 200
        assert (await there.get("/")).status_code == 303
        assert (await site.browser().enter("ana", OTHER)).status_code == 303
        assert (await site.browser().enter("ana", PASSWORD)).status_code == 401

    @pytest.mark.parametrize(
        ("present", "wanted"), [("no es esta", OTHER), (PASSWORD, "corta"), (PASSWORD, "soy ana yo")]
    )
    async def test_what_is_wrong_changes_nothing(self, site: Site, present: str, wanted: str) -> None:
        here, there = await site.signed_in(), await site.signed_in()
        answer = await here.send("/perfil/clave", clave__actual=present, clave__clave=wanted)
        assert answer.status_code == 422
        page = await answer.get_data(as_text=True)
        assert present not in page
        assert wanted not in page
        assert (await there.get("/")).status_code == 200

    async def test_the_present_one_is_not_guessed(self, site: Site) -> None:
        browser = await site.signed_in()
        codes = [
            (await browser.send("/perfil/clave", clave__actual=f"clave {i}", clave__clave=OTHER)).status_code
            for i in range(7)
        ]
        assert codes == [422] * 5 + [429] * 2


class TestSessions:
    """Where one is signed in."""

    async def test_they_are_listed_and_one_is_this(self, site: Site) -> None:
        here, _there = await site.signed_in(), await site.signed_in()
        page = await here.text("/perfil")
        assert page.count("Esta sesión") == 1
        assert page.count("127.0.0.1") == 2

    async def test_one_is_closed(self, site: Site) -> None:
        here, there = await site.signed_in(), await site.signed_in()
        [path] = await self.closers(here)
        assert (await here.send(path)).status_code == 303
        assert (await there.get("/")).status_code == 303
        assert (await here.get("/")).status_code == 200

    async def test_not_another_s(self, site: Site) -> None:
        _one, mine = await site.signed_in(), await site.signed_in()
        [path] = await self.closers(mine)
        assert (await (await site.signed_in("bruno")).send(path)).status_code == 404
        assert len(await self.closers(mine)) == 1

    async def test_all_others_are_closed(self, site: Site) -> None:
        here, there, bruno = await site.signed_in(), await site.signed_in(), await site.signed_in("bruno")
        assert (await here.send("/perfil/sesiones/cerrar")).status_code == 303
        assert [(await b.get("/")).status_code for b in (here, there, bruno)] == [200, 303, 200]

    @staticmethod
    async def closers(browser: Browser) -> list[str]:
        return re.findall(r'action="(/perfil/sesiones/[0-9a-f]{16}/cerrar)"', await browser.text("/perfil"))


class TestRemoval:
    """The end of the account."""

    async def test_it_is_asked_for_with_the_password_and_on_purpose(self, site: Site) -> None:
        await set_active(site.engine, site.own, active=False)
        assert await self.remove(site, actual="no es esta") == 422
        assert await self.remove(site, seguro="") == 422
        assert (await ana(site)).activo
        assert await self.remove(site) == 303
        assert not (await ana(site)).activo
        assert (await site.browser().enter("ana")).status_code == 401

    async def test_who_alone_owns_a_meter_stays_and_reads_which(self, site: Site) -> None:
        answer = await (await site.signed_in()).send(
            "/perfil/eliminar", eliminar__actual=PASSWORD, eliminar__seguro="y"
        )
        assert answer.status_code == 422
        assert "Casa de ana" in await answer.get_data(as_text=True)
        await link_user(site.engine, user_id=2, node_id=site.own, rol="propietario")
        assert await self.remove(site) == 303

    async def test_the_last_administrator_stays(self, site: Site) -> None:
        await set_active(site.engine, site.own, active=False)
        await users.change(site.engine, 1, es_admin=True)
        await site.give_second_factor(1)
        assert await self.remove(site) == 422

    @staticmethod
    async def remove(site: Site, actual: str = PASSWORD, seguro: str = "y") -> int:
        browser = await site.signed_in()
        sure = {"eliminar__seguro": seguro} if seguro else {}
        answer = await browser.send("/perfil/eliminar", eliminar__actual=actual, **sure)
        return answer.status_code
