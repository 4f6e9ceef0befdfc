"""Signing in and out, and those who try to without the right."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

from enertrack.settings import Settings
from enertrack.stores import sessions, users
from enertrack.stores.nodes import node_of
from enertrack.web.auth.redirect import own_path
from enertrack.web.limiter import MAX_GUESSES
from tests.web.conftest import NOW, OWN, PASSWORD, Site

WRONG = "no es esta"


async def test_enter_and_leave(site: Site) -> None:
    browser = site.browser()
    assert (await browser.enter("ana")).status_code == 303
    assert "Casa de ana" in await browser.text("/")
    answer = await browser.post("/salir", {"csrf": await browser.token()})
    assert answer.status_code == 303
    assert (await browser.get("/")).status_code == 303


async def test_cookie_is_out_of_reach_of_scripts(site: Site) -> None:
    answer = await site.browser().enter("ana")
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("enertrack_sesion=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


async def test_name_does_not_depend_on_case(site: Site) -> None:
    assert (await site.browser().enter("ANA")).status_code == 303


async def test_wrong_password_and_unknown_user_read_the_same(site: Site) -> None:
    pages = []
    for name in ("ana", "ananá"):
        answer = await site.browser().enter(name, WRONG)
        assert answer.status_code == 401
        page = await answer.get_data(as_text=True)
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1]


async def test_inactive_account_stays_out(site: Site) -> None:
    async with site.engine.connect() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET activo = 0 WHERE nombre_usuario = 'ana'")
    assert (await site.browser().enter("ana")).status_code == 401


async def test_session_of_an_account_made_inactive_ends(site: Site) -> None:
    browser = await site.signed_in("ana")
    async with site.engine.connect() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET activo = 0 WHERE nombre_usuario = 'ana'")
    assert (await browser.get("/")).status_code == 303


async def test_account_of_the_original_gets_todays_hash(site: Site) -> None:
    old = generate_password_hash(PASSWORD, "scrypt:32768:8:1")
    await users.add_user(site.engine, nombre_usuario="carla", password_hash=old)
    assert (await site.browser().enter("carla")).status_code == 303
    carla = await users.user_by_name(site.engine, "carla")
    assert carla is not None
    assert carla.password_hash != old
    assert (await site.browser().enter("carla")).status_code == 303


async def test_session_ends_by_itself(site: Site) -> None:
    browser = site.browser()
    then = datetime.fromtimestamp(NOW, UTC) - sessions.IDLE - timedelta(minutes=1)
    ana = await users.user_by_name(site.engine, "ana")
    assert ana is not None
    token = await sessions.create(site.engine, ana.id, now=then, address=None, agent=None)
    extension = site.app.extensions["QUART_AUTH"][0]
    browser.client.set_cookie("localhost", "enertrack_sesion", extension.dump_token(token, app=site.app))
    assert (await browser.get("/")).status_code == 303


async def test_form_of_another_visit_is_refused(site: Site) -> None:
    foreign = await site.browser().token()
    for token in ("", "0" * 64, foreign, "é"):
        answer = await site.browser().post("/ingresar", {"usuario": "ana", "clave": PASSWORD, "csrf": token})
        assert answer.status_code == 403


async def test_leaving_by_link_is_not_possible(site: Site) -> None:
    browser = await site.signed_in("ana")
    assert (await browser.get("/salir")).status_code == 405
    assert (await browser.get("/")).status_code == 200


async def test_own_success_does_not_wipe_guesses_away(site: Site) -> None:
    codes = []
    for _ in range(MAX_GUESSES):
        codes.append((await site.browser().enter("ana", WRONG)).status_code)
        await site.browser().enter("bruno")
    assert codes == [401] * MAX_GUESSES
    assert (await site.browser().enter("ana", WRONG)).status_code == 429


async def test_goes_on_to_the_page_that_was_asked_for(site: Site) -> None:
    browser = site.browser()
    asked = await browser.get("/consumo?periodo=mes&fecha=2026-01-01")
    page = await browser.text(asked.headers["Location"])
    found = re.search(r'name="siguiente"\s+value="([^"]*)"', page)
    assert found
    answer = await browser.enter("ana", siguiente=found[1].replace("&amp;", "&"))
    assert answer.headers["Location"] == "/consumo?periodo=mes&fecha=2026-01-01"


@pytest.mark.parametrize("path", ["/perfil", "/salir", "/invitaciones/nada/aceptar", f"/nodos/{OWN}/baja"])
async def test_form_of_a_session_that_ended_leads_to_sign_in_and_back(site: Site, path: str) -> None:
    """Ended in another window of the same browser, whose page then has a proof that is worth nothing."""
    browser, page = await site.signed_in(), "/perfil?a=b"
    proof = {"csrf": await browser.token(), "tema": "oscuro", "seguro": "y"}
    await browser.post("/salir", proof)
    answer = await browser.post(path, proof, Referer=f"http://localhost{page}")
    assert answer.status_code == 303
    form = await browser.text(answer.headers["Location"])
    assert "Su sesión ya había terminado" in form
    assert "data-warns" in form
    assert f'name="siguiente" value="{page}"' in form
    assert (await browser.enter("ana", siguiente=page)).headers["Location"] == page
    node = await node_of(site.engine, OWN)
    assert node
    assert node.activo


@pytest.mark.parametrize(
    ("refused", "page"),
    [(f"/nodos/{OWN}/placa", f"/nodos/{OWN}"), ("/perfil/clave", "/perfil"), ("/nada", ""), ("/nada/nada/nada", "")],
)
async def test_form_that_was_shown_again_at_its_own_address_leads_back_to_a_page(
    site: Site, refused: str, page: str
) -> None:
    browser = await site.signed_in()
    proof = {"csrf": await browser.token()}
    await browser.post("/salir", proof)
    answer = await browser.post("/perfil", proof, Referer=f"http://localhost{refused}?a=b")
    found = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert found.get("siguiente", [""]) == [page]


async def test_form_of_a_session_that_ended_is_refused_from_elsewhere(site: Site) -> None:
    browser = await site.signed_in()
    proof = {"csrf": await browser.token()}
    await browser.post("/salir", proof)
    foreign = {"Origin": "https://otro.example", "Referer": "https://otro.example/perfil"}
    assert (await browser.post("/perfil", proof, **foreign)).status_code == 403
    answer = await browser.post("/perfil", proof, Referer="https://otro.example/perfil")
    assert "otro.example" not in answer.headers["Location"]


@given(st.text())
def test_path_is_always_of_this_site(target: str) -> None:
    path = own_path(target)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable()


@pytest.mark.parametrize("brought", ["", "corta", "x" * 3000, "é" * 22])
async def test_visit_that_is_not_ours_is_replaced(site: Site, brought: str) -> None:
    browser = site.browser()
    browser.client.set_cookie("localhost", "enertrack_visita", brought)
    assert (await browser.get("/ingresar")).status_code == 200
    found = browser.cookie("enertrack_visita")
    assert found
    assert found != brought
    assert (await browser.enter("ana")).status_code == 303


async def test_body_is_bounded(site: Site) -> None:
    answer = await site.browser().post("/ingresar", {"usuario": "a" * 70_000})
    assert answer.status_code == 413


class TestBehindProxy:
    """What changes with https in front."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"enertrack_proxy": True})

    async def test_cookie_is_secure_and_of_this_host(self, site: Site) -> None:
        client = site.app.test_client()
        page = await client.get("/ingresar", scheme="https")
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        found = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', await page.get_data(as_text=True))
        assert found
        form = {"usuario": "ana", "clave": PASSWORD, "csrf": found[1]}
        answer = await client.post("/ingresar", form=form, headers={"Origin": "https://localhost"}, scheme="https")
        assert answer.status_code == 303
        cookies = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-enertrack=")]
        assert len(cookies) == 1
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookies[0].split("; "))
        assert "Domain" not in cookies[0]


async def test_entering_and_leaving_is_kept(site: Site) -> None:
    browser = site.browser()
    await browser.enter("ana")
    await browser.post("/salir", {"csrf": await browser.token()})
    async with site.engine.connect() as conn:
        rows = (await conn.exec_driver_sql("SELECT accion, usuario_id FROM Auditoria ORDER BY id")).all()
    assert [tuple(r) for r in rows] == [("ingreso", 1), ("salida", 1)]
