"""Passwords as they are typed: masked, pasted, never changed on the way."""

import re

import pytest

from enertrack.domain.strength import LONGEST
from enertrack.stores import users
from tests.web.access.people import person
from tests.web.access.rows import ROWS
from tests.web.conftest import PASSWORD, Browser, Site

PAGES = [row.path for row in ROWS if row.method == "GET" and row.needs.value in {"anybody", "signed in"}]
ODD = [
    "  espacios por fuera  ",
    "Ñandú 🙂 \u00e9 y e\u0301",
    "<script>'\"&amp;%00\\",
    "un tren azul cruza el puente viejo mientras llueve sobre la ciudad y nadie mira la hora de la torre 7",
    "MAYÚSCULAS y minúsculas 93",
    "tabulador\ten medio 4821",
]


async def test_fields_mask_and_take_what_managers_paste(site: Site) -> None:
    """Each field for a password is of that type, says which password it wants, and lets no script stop a paste."""
    found = []
    for browser in (site.browser(), await person(site, "ana")):
        for path in (p for p in PAGES if "{" not in p and "/api/" not in p and "vivo" not in p):
            page = await (await browser.get(path)).get_data(as_text=True)
            found += [i for i in re.findall(r"<input[^>]*>", page) if re.search(r'name="[^"]*(clave|actual)"', i)]
    assert found
    for field in found:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(new|current)-password"', field), field
        assert "onpaste" not in field


@pytest.mark.parametrize("password", ODD, ids=range(len(ODD)))
async def test_password_is_taken_as_it_is(site: Site, password: str) -> None:
    """Neither cut, nor trimmed, nor changed in case or form, from the page that sets it to the one that asks for it."""
    assert LONGEST >= 64
    browser = await site.signed_in("ana")
    form = {"clave-actual": PASSWORD, "clave-clave": password, "csrf": await browser.token()}
    assert (await browser.post("/perfil/clave", form)).status_code == 303
    assert (await site.browser().enter("ana", password)).status_code == 303
    for other in {password.strip(), password.casefold(), password[:-1], password + "x"} - {password}:
        site.services.guesses.give_back(["direccion:127.0.0.1", "cuenta:1"])
        assert (await site.browser().enter("ana", other)).status_code == 401, other


async def test_old_password_is_worth_nothing(site: Site) -> None:
    browser, elsewhere = await site.signed_in("ana"), await site.signed_in("ana")
    kept = elsewhere.cookie() or ""
    form = {"clave-actual": PASSWORD, "clave-clave": "otra clave bien larga", "csrf": await browser.token()}
    assert (await browser.post("/perfil/clave", form)).status_code == 303
    assert (await site.browser().enter("ana", PASSWORD)).status_code == 401
    thief: Browser = site.browser()
    thief.client.set_cookie("localhost", "enertrack_sesion", kept)
    assert (await thief.get("/")).status_code == 303
    assert (await browser.get("/")).status_code == 200
    found = await users.user_by_name(site.engine, "ana")
    assert found
    assert "otra clave" not in found.password_hash
