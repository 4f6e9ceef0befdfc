"""In, on and out of the API; every way in which a token is none."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from enertrack.stores import sessions, users
from enertrack.web.auth import access
from tests.web.api.conftest import Program, id_of
from tests.web.conftest import NOW, PASSWORD, Site


async def claims(site: Site, **other: object) -> dict[str, Any]:
    """Those of a session of ana's that is in force."""
    ana = await id_of(site, "ana")
    token = await sessions.create(site.engine, ana, now=datetime.fromtimestamp(NOW, UTC), address=None, agent=None)
    good = {"sub": str(ana), "sid": sessions.id_of(token), "iat": NOW, "exp": NOW + 900, "aud": access.AUDIENCE}
    return good | other


async def key(site: Site) -> bytes:
    async with site.app.app_context():
        return access._key()


async def refused(program: Program, token: str) -> None:
    program.browser.bearer = token
    await program.ask("/yo", status=401)


async def test_in_on_and_out(stranger: Program) -> None:
    first = await stranger.enter()
    assert first["vence"] == NOW + access.LIFE_S
    assert (await stranger.ask("/yo"))["usuario"] == "ana"
    second = await stranger.ask("/sesion", "PUT", {"renovacion": first["renovacion"]})
    stranger.browser.bearer = second["acceso"]
    assert await stranger.ask("/sesion", "DELETE", status=204) is None
    for token in (first["acceso"], second["acceso"]):
        stranger.browser.bearer = token
        await stranger.ask("/yo", status=401)
    await stranger.ask("/sesion", "PUT", {"renovacion": first["renovacion"]}, status=401)


async def test_a_good_token_of_our_own_making_is_one(site: Site, stranger: Program) -> None:
    """So that the refusals below are for what they differ in."""
    stranger.browser.bearer = jwt.encode(await claims(site), await key(site), "HS256")
    await stranger.ask("/yo")


@pytest.mark.parametrize(
    "other",
    [
        {"exp": NOW},
        {"exp": NOW - 1},
        {"iat": NOW + 60},
        {"aud": "otra-api"},
        {"aud": ["enertrack-api", "otra-api"]},
        {"sub": "999"},
        {"sub": "0 OR 1=1"},
        {"sid": "0123456789abcdef"},
        {"sid": "%"},
        {"sid": "____________%___"},
        {"nombre": "ana"},
    ],
    ids=str,
)
async def test_other_claims(site: Site, stranger: Program, other: dict[str, object]) -> None:
    await refused(stranger, jwt.encode(await claims(site, **other), await key(site), "HS256"))


@pytest.mark.parametrize("without", ["sub", "sid", "iat", "exp", "aud"])
async def test_a_claim_is_missing(site: Site, stranger: Program, without: str) -> None:
    told = await claims(site)
    del told[without]
    await refused(stranger, jwt.encode(told, await key(site), "HS256"))


async def test_no_algorithm_or_another(site: Site, stranger: Program) -> None:
    told, own = await claims(site), await key(site)
    await refused(stranger, jwt.encode(told, "", "none"))
    for name in ("None", "NONE", "nOnE"):
        head = base64.urlsafe_b64encode(json.dumps({"alg": name, "typ": "JWT"}).encode()).rstrip(b"=").decode()
        body = jwt.encode(told, own, "HS256").split(".")[1]
        await refused(stranger, f"{head}.{body}.")
    await refused(stranger, jwt.encode(told, own.ljust(64), "HS512"))


async def test_another_key(site: Site, stranger: Program) -> None:
    told = await claims(site)
    secret = str(site.app.secret_key).encode()
    for other in (secret.ljust(32), b"otra clave, que no es la de esta casa", bytes(32)):
        await refused(stranger, jwt.encode(told, other, "HS256"))
    good = jwt.encode(told, await key(site), "HS256")
    head, body, mark = good.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(told | {"sub": str(await id_of(site, "bruno"))}).encode())
    await refused(stranger, f"{head}.{forged.rstrip(b'=').decode()}.{mark}")
    await refused(stranger, f"{head}.{body}.")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "et_", "et_" + "x" * 43, "é" * 10, "." * 300])
async def test_no_token_at_all(stranger: Program, token: str) -> None:
    await refused(stranger, token.encode().decode("latin-1"))


async def test_one_kind_of_token_is_no_other(stranger: Program) -> None:
    """Neither does what renews ask anything, nor what asks renew: else an access token would never end."""
    session = await stranger.enter()
    made = await stranger.ask("/tokens", "POST", {"nombre": "Planilla", "alcances": ["leer"]}, status=201)
    for token, status in ((session["acceso"], 400), (made["token"], 401)):
        await stranger.ask("/sesion", "PUT", {"renovacion": token}, status=status)
    await refused(stranger, session["renovacion"])


async def test_it_ends_with_its_time(site: Site, program: Program) -> None:
    later = replace(site.services, now=lambda: NOW + access.LIFE_S)
    site.app.extensions["enertrack"] = later
    await program.ask("/yo", status=401)


async def test_it_ends_with_the_account(site: Site, program: Program) -> None:
    await program.ask("/yo")
    await users.change(site.engine, await id_of(site, "ana"), activo=False)
    await program.ask("/yo", status=401)


async def test_a_new_password_ends_it(site: Site, stranger: Program) -> None:
    session = await stranger.enter()
    browser = await site.signed_in("ana")
    changed = await browser.send("/perfil/clave", clave__actual=PASSWORD, clave__clave="tres tristes tigres trigo")
    assert changed.status_code == 303
    await stranger.ask("/yo", status=401)
    await stranger.ask("/sesion", "PUT", {"renovacion": session["renovacion"]}, status=401)


async def test_wrong_passwords_are_counted_as_on_the_page(site: Site, stranger: Program) -> None:
    wrong = {"usuario": "ana", "clave": "otra"}
    for _ in range(5):
        await stranger.ask("/sesion", "POST", wrong, status=401)
    await stranger.ask("/sesion", "POST", {"usuario": "ana", "clave": PASSWORD}, status=429)
    assert (await site.browser().enter("ana")).status_code == 429


async def test_the_second_factor_is_asked_for(site: Site, stranger: Program) -> None:
    await site.give_second_factor(await id_of(site, "ana"))
    words = {"usuario": "ana", "clave": PASSWORD}
    await stranger.ask("/sesion", "POST", words, status=401)
    await stranger.ask("/sesion", "POST", words | {"codigo": "000000"}, status=401)
    await stranger.enter(codigo=site.code())
    assert (await stranger.ask("/yo"))["segundo_factor"] is True
    await stranger.ask("/sesion", "POST", words | {"codigo": site.code()}, status=401)  # a code is good once


async def test_an_administrator_without_second_factor_is_let_in_nowhere(site: Site, program: Program) -> None:
    await users.change(site.engine, await id_of(site, "ana"), es_admin=True)
    await program.ask("/yo", status=403)
