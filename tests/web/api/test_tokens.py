"""Personal tokens: what each scope may, how they end, and that they are shown once."""

import re
from dataclasses import replace
from functools import partial

import pytest

from enertrack.stores import users
from tests.web.api.conftest import Program, id_of
from tests.web.conftest import NOW, OWN, Site

DAY_S = 86_400
READS = [
    "/yo",
    "/medidores",
    f"/medidores/{OWN}",
    f"/medidores/{OWN}/lecturas",
    f"/medidores/{OWN}/personas",
    "/consumo",
]
CHANGES = [
    ("PATCH", f"/medidores/{OWN}", {"nombre": "Otro"}, 200),
    ("POST", f"/medidores/{OWN}/credencial", None, 200),
    ("POST", f"/medidores/{OWN}/invitaciones", {"rol": "lector"}, 201),
    ("DELETE", f"/medidores/{OWN}", None, 204),
]
SIGNED_IN = [
    ("GET", "/tokens", None),
    ("POST", "/tokens", {"nombre": "otro", "alcances": ["gestionar"]}),
    ("DELETE", "/tokens/1", None),
    ("DELETE", "/sesion", None),
]


async def with_token(program: Program, *scopes: str, dias: int | None = None) -> int:
    """Go on with a new personal token, whose id is given."""
    asked = {"nombre": "Planilla", "alcances": list(scopes), "dias": dias}
    made = await program.ask("/tokens", "POST", asked, status=201)
    assert re.fullmatch(r"et_[A-Za-z0-9_-]{43}", made["token"])
    program.browser.bearer = made["token"]
    number: int = made["id"]
    return number


@pytest.mark.parametrize("scopes", [["leer"], ["gestionar"], ["leer", "gestionar"]])
async def test_each_may_read(program: Program, scopes: list[str]) -> None:
    await with_token(program, *scopes)
    for path in READS:
        await program.ask(path)
    assert (await program.ask("/yo"))["alcances"] == sorted(scopes)


@pytest.mark.parametrize(("method", "path", "body", "status"), CHANGES)
async def test_one_for_reading_changes_nothing(
    program: Program, method: str, path: str, body: object, status: int
) -> None:
    signed_in = program.browser.bearer
    await with_token(program, "leer")
    await program.ask(path, method, body, status=403)
    program.browser.bearer = signed_in
    await with_token(program, "gestionar")
    await program.ask(path, method, body, status=status)


@pytest.mark.parametrize(("method", "path", "body"), SIGNED_IN)
async def test_none_of_them_makes_or_ends_others(program: Program, method: str, path: str, body: object) -> None:
    await with_token(program, "leer", "gestionar")
    await program.ask(path, method, body, status=403)


async def test_it_is_kept_as_a_hash_and_told_once(site: Site, program: Program) -> None:
    signed_in = program.browser.bearer
    await with_token(program, "leer")
    secret, program.browser.bearer = program.browser.bearer, signed_in
    [listed] = await program.ask("/tokens")
    assert "token" not in listed
    async with site.engine.connect() as conn:
        rows = [str(row) for row in await conn.exec_driver_sql("SELECT * FROM TokensApi")]
        kept = [str(row) for row in await conn.exec_driver_sql("SELECT * FROM Auditoria")]
    assert rows
    assert not any(str(secret) in row for row in rows + kept)


async def test_its_last_use_is_told_by_the_minute(site: Site, program: Program) -> None:
    signed_in = program.browser.bearer
    await with_token(program, "leer")
    secret, told = program.browser.bearer, []
    for later in (0, 59, 61):
        site.app.extensions["enertrack"] = replace(site.services, now=partial(int, NOW + later))
        program.browser.bearer = secret
        await program.ask("/yo")
        program.browser.bearer = signed_in
        told.append((await program.ask("/tokens"))[0]["ultimo_uso"])
    assert told[0] == told[1] != told[2]


async def test_it_ends_when_it_is_revoked(site: Site, program: Program) -> None:
    signed_in = program.browser.bearer
    number = await with_token(program, "leer")
    secret, program.browser.bearer = program.browser.bearer, signed_in
    bruno = Program(await site.signed_in("bruno"))
    await bruno.ask(f"/tokens/{number}", "DELETE", status=404)
    await program.ask(f"/tokens/{number}", "DELETE", status=204)
    await program.ask(f"/tokens/{number}", "DELETE", status=404)
    assert await program.ask("/tokens") == []
    program.browser.bearer = secret
    await program.ask("/yo", status=401)


async def test_it_ends_with_its_days(site: Site, program: Program) -> None:
    await with_token(program, "leer", dias=1)
    site.app.extensions["enertrack"] = replace(site.services, now=lambda: NOW + DAY_S - 1)
    await program.ask("/yo")
    site.app.extensions["enertrack"] = replace(site.services, now=lambda: NOW + DAY_S)
    await program.ask("/yo", status=401)


async def test_it_ends_with_the_account(site: Site, program: Program) -> None:
    await with_token(program, "leer")
    await users.change(site.engine, await id_of(site, "ana"), activo=False)
    await program.ask("/yo", status=401)


async def test_the_profile_makes_lists_and_revokes(site: Site) -> None:
    browser = await site.signed_in("ana")
    page = await browser.send(
        "/perfil/tokens", token__nombre="<b>Planilla</b>", token__alcance="leer", token__dias="30"
    )
    text = await page.get_data(as_text=True)
    found = re.search(r"et_[A-Za-z0-9_-]{43}", text)
    assert found
    assert "<b>Planilla" not in text
    program = Program(site.browser())
    program.browser.bearer = found[0]
    assert (await program.ask("/yo"))["alcances"] == ["leer"]
    profile = await browser.text("/perfil")
    assert "Planilla" in profile
    assert found[0] not in profile
    assert (await browser.send("/perfil/tokens/1/anular")).status_code == 303
    await program.ask("/yo", status=401)


@pytest.mark.parametrize(("name", "days"), [("", "30"), ("x" * 101, "30"), ("Planilla", "7"), ("Planilla", "x")])
async def test_the_profile_refuses(site: Site, name: str, days: str) -> None:
    browser = await site.signed_in("ana")
    page = await browser.send("/perfil/tokens", token__nombre=name, token__alcance="leer", token__dias=days)
    assert page.status_code == 422
    assert "et_" not in await page.get_data(as_text=True)
