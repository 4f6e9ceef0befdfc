"""Cookies that were made up, kept, planted or taken to another place."""

import base64
import hashlib
import hmac
import json

import pytest
from itsdangerous import URLSafeTimedSerializer
from quart import Response

from enertrack.settings import Settings
from enertrack.stores import sessions, users
from enertrack.stores.tokens import hashed
from enertrack.web import signed
from enertrack.web.auth import addresses, entry, guesses
from tests.web.access.people import named, status
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs
from tests.web.conftest import Browser, Site

COOKIE = "enertrack_sesion"
FLAGS = {"HttpOnly", "SameSite=Lax", "Path=/"}


def with_cookie(site: Site, value: str) -> Browser:
    browser = site.browser()
    browser.client.set_cookie("localhost", COOKIE, value)
    return browser


async def comes_in(browser: Browser) -> bool:
    return (await browser.get("/")).status_code == 200


async def test_the_browsers_own_cookie_opens(site: Site) -> None:
    assert await comes_in(with_cookie(site, (await site.signed_in()).cookie() or ""))


async def test_no_cookie_can_be_made_without_the_key(site: Site) -> None:
    """Neither by another key, nor without one, nor by changing a genuine one in any place."""
    genuine = (await site.signed_in()).cookie() or ""
    token, *signed = genuine.split(".")
    other = URLSafeTimedSerializer("otra clave", "quart auth salt")
    plain = base64.urlsafe_b64encode(json.dumps("1").encode()).decode().rstrip("=")
    forged = [
        other.dumps("1"),
        other.dumps(json.loads(base64.urlsafe_b64decode(token + "=="))),
        plain,
        f"{plain}..",
        f"{plain}." + ".".join(signed),
        genuine[:-1],
        genuine + genuine,
        genuine.replace(".", "", 1),
        *(genuine[:i] + ("A" if genuine[i] != "A" else "B") + genuine[i + 1 :] for i in range(0, len(genuine) - 1, 5)),
        hmac.new(b"", b"1", hashlib.sha256).hexdigest(),
        "1",
        "null",
        "x" * 4000,
        "é",
    ]
    assert [value for value in forged if await comes_in(with_cookie(site, value))] == []


async def test_the_key_alone_makes_no_session(site: Site) -> None:
    """Whoever knows FLASK_SECRET_KEY still needs a token whose row is on the server."""
    extension = site.app.extensions["QUART_AUTH"][0]
    row_of_nobody = [hashed("1"), "1", "ana", "' OR 1=1 -- ", "", "%"]
    found = [
        value for value in row_of_nobody if await comes_in(with_cookie(site, extension.dump_token(value, site.app)))
    ]
    assert found == []


async def test_nothing_on_the_server_is_a_cookie(site: Site) -> None:
    """Whoever reads the table of sessions cannot sign in with what is in it."""
    token = (await site.signed_in()).cookie() or ""
    async with site.engine.connect() as conn:
        stored = (await conn.exec_driver_sql("SELECT * FROM Sesiones")).all()
    assert stored
    secret = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert secret not in str(stored)


async def test_what_is_signed_for_one_purpose_is_worth_nothing_for_another(site: Site) -> None:
    """Some of it says what people chose, and any of it can be put in another's place."""
    async with site.app.app_context():
        proof = signed.sign(guesses.DEVICE, [1, "x", "/"])
        assert signed.read(guesses.DEVICE, proof, 1) == [1, "x", "/"]
        assert [signed.read(other, proof, 1) for other in (entry.STEP, addresses.PURPOSE, "", "equipo")] == [None] * 4


async def test_cookie_that_was_kept_is_worth_nothing_after_leaving(site: Site) -> None:
    browser = await site.signed_in()
    kept = browser.cookie() or ""
    await browser.post("/salir", {"csrf": await browser.token()})
    assert not await comes_in(with_cookie(site, kept))


async def test_cookie_that_was_planted_is_not_gone_on_with(site: Site) -> None:
    """Neither another's session, nor one's own old one, nor the cookie of the visit before."""
    attacker = await site.signed_in("bruno")
    planted = attacker.cookie() or ""
    victim = with_cookie(site, planted)
    visit = victim.cookie("enertrack_visita")
    assert (await victim.enter("ana")).status_code == 303
    assert victim.cookie() not in {planted, visit}
    assert not await comes_in(with_cookie(site, planted))
    again = victim.cookie()
    await victim.post("/salir", {"csrf": await victim.token()})
    assert (await victim.enter("ana")).status_code == 303
    assert victim.cookie() != again


async def test_each_sign_in_draws_its_own_token(site: Site) -> None:
    assert len({(await site.signed_in()).cookie() for _ in range(8)}) == 8


async def test_account_that_is_not_active_any_more_is_out_everywhere(site: Site, subtests: pytest.Subtests) -> None:
    browser = await site.signed_in("ana")
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET activo = 0 WHERE nombre_usuario = 'ana'")
    for row in (r for r in ROWS if r.needs is not Needs.NOBODY):
        with subtests.test(named(row)):
            assert await status(browser, row) in {303, 401}


async def test_ending_all_sessions_leaves_others_alone(site: Site) -> None:
    ana, bruno = await site.signed_in("ana"), await site.signed_in("bruno")
    user = await users.user_by_name(site.engine, "ana")
    assert user
    await sessions.end_all(site.engine, user.id)
    assert not await comes_in(ana)
    assert await comes_in(bruno)


class TestBehindProxy:
    """Cookies as browsers get them by https."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"enertrack_proxy": True})

    async def _sign_in(self, site: Site) -> Response:
        client = site.app.test_client()
        page = await (await client.get("/ingresar", scheme="https")).get_data(as_text=True)
        csrf = page.split('name="csrf"')[1].split('value="')[1].split('"')[0]
        form = {"usuario": "ana", "clave": "una clave larga", "csrf": csrf}
        return await client.post("/ingresar", form=form, headers={"Origin": "https://localhost"}, scheme="https")

    async def test_every_cookie_is_of_this_host_alone(self, site: Site) -> None:
        """Names that begin so are refused by the browser unless Secure, without Domain, and for the whole site."""
        answers = [await site.app.test_client().get("/ingresar", scheme="https"), await self._sign_in(site)]
        await site.give_second_factor(1)
        answers.append(await self._sign_in(site))
        cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
        names = {cookie.split("=")[0].removeprefix("__Host-enertrack") for cookie in cookies}
        assert names == {"", "-visita", "-equipo", "-paso"}
        for cookie in cookies:
            _, *flags = cookie.split("; ")
            assert FLAGS | {"Secure"} <= set(flags)
            assert not any(flag.startswith("Domain") for flag in flags)

    async def test_cookie_of_plain_http_is_not_looked_at(self, site: Site) -> None:
        answer = await self._sign_in(site)
        cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-enertrack="))
        value = cookie.split("=", 1)[1].split(";")[0]
        client = site.app.test_client()
        client.set_cookie("localhost", COOKIE, value, secure=False)
        assert (await client.get("/", scheme="https", headers={"Accept": "text/html"})).status_code == 303
