"""More than anybody sends by hand: bodies, fields, names, headers, parts."""

from typing import Any

import pytest
from quart import Response

from enertrack.web.app import MAX_BODY
from tests.web.access.people import SAFE, ask, fields, named, person, rows
from tests.web.access.rows import ROWS
from tests.web.access.table import Row
from tests.web.conftest import OWN, PASSWORD, Browser, Site

UNSAFE = [row for row in ROWS if row.method not in SAFE and not row.bearer]
LOOKS = [row for row in ROWS if row.method == "GET" and not row.stream]
MORE = "a" * (MAX_BODY + 1)


async def raw(browser: Browser, path: str, body: bytes, kind: str, method: str = "POST") -> Response:
    headers = {"Content-Type": kind, "Origin": "http://localhost", "Accept": "text/html"}
    answer: Response = await getattr(browser.client, method.lower())(path, data=body, headers=headers)
    return answer


async def test_body_is_bounded(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "alba")
    form = {"csrf": await browser.token(), "x": MORE}
    for row in UNSAFE:
        with subtests.test(named(row)):
            answer = await browser.post(row.path.format(meter=OWN), form, row.method)
            assert answer.status_code == 413


async def test_body_whose_length_nobody_told_is_bounded(site: Site, subtests: pytest.Subtests) -> None:
    """Chunked, so that no header tells it in advance."""
    browser = await person(site, "alba")
    for row in UNSAFE:
        with subtests.test(named(row)):
            assert await in_pieces(browser, row) == 413


async def in_pieces(browser: Browser, row: Row) -> int | None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
    connection: Any
    async with browser.client.request(row.path.format(meter=OWN), method=row.method, headers=headers) as connection:
        for _ in range(3):
            await connection.send(b"x=" + b"a" * (MAX_BODY // 2))
        await connection.send_complete()
    code: int | None = connection.status_code
    return code


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "multipart/form-data", "text/xml", "x" * 900, ""])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"--x\r\n\r\n",
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        b"{" * 9_000,
    ],
)
async def test_body_that_is_no_form_is_refused(site: Site, kind: str, body: bytes) -> None:
    browser = await site.signed_in()
    assert (await raw(browser, "/salir", body, kind)).status_code in {400, 403, 415}
    assert (await browser.get("/")).status_code == 200


async def test_files_are_not_taken(site: Site) -> None:
    """No page asks for one: what comes as a file is no field, so not even the proof."""
    browser = await site.signed_in()
    proof = await browser.token()
    head = b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="../../x.py"\r\n\r\n'
    body = head + proof.encode() + b"\r\n--x--\r\n"
    assert (await raw(browser, "/salir", body, "multipart/form-data; boundary=x")).status_code == 403


@rows([row for row in UNSAFE if row.form])
async def test_each_field_has_an_end(site: Site, row: Row) -> None:
    """A field longer than its column is told of, never cut in silence nor passed to the database."""
    browser = await person(site, "ana")
    for field in row.form:
        answer = await browser.post(
            row.path.format(meter=OWN), fields(row) | {field: "ñ" * 9_000, "csrf": await browser.token()}, row.method
        )
        assert answer.status_code in {303, 400, 401, 403, 404, 422, 429}, (field, answer.status_code)


async def test_many_fields_are_bounded(site: Site) -> None:
    browser = site.browser()
    form = {f"f{i}": "" for i in range(9_000)} | {"csrf": await browser.token()}
    assert (await browser.post("/ingresar", form)).status_code in {400, 401, 413}


async def test_long_names_and_headers_break_nothing(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "ana")
    long = {"User-Agent": "é" * 3_000, "Accept-Language": "x," * 2_000, "Referer": "x" * 6_000}
    for row in LOOKS:
        with subtests.test(named(row)):
            assert (await ask(browser, row, **long)).status_code < 500 or row.endpoint == "health.ready"


async def test_agent_that_goes_on_and_on_is_cut(site: Site) -> None:
    browser = site.browser()
    form = {"usuario": "ana", "clave": PASSWORD, "csrf": await browser.token()}
    answer = await browser.post("/ingresar", form, User_Agent="x" * 5_000)
    assert answer.status_code == 303
    async with site.engine.connect() as conn:
        kept = (await conn.exec_driver_sql("SELECT max(length(agente)) FROM Sesiones")).scalar_one()
    assert kept == 255


async def test_a_parameter_given_many_times_is_no_other(site: Site, subtests: pytest.Subtests) -> None:
    """The first of them counts, everywhere, so that no check sees another than what is used."""
    browser = await person(site, "ana")
    names = ("desde", "hasta", "periodo", "fecha", "nodo", "rango", "formato", "resolucion", "aviso", "siguiente")
    query = "&".join(f"{name}={value}" for name in names for value in ("", "x", "-1", "[]", "1" * 400))
    for row in LOOKS:
        address = f"{row.path.format(meter=OWN)}?{query}&{query.replace('=', '[]=')}"
        with subtests.test(named(row)):
            answer = await (browser.call(address) if row.bearer else browser.get(address))
            assert answer.status_code in {200, 303, 400, 403, 404, 422} or row.endpoint == "health.ready"


async def test_fields_that_no_form_has_change_nothing(site: Site) -> None:
    """What a form does not offer cannot be set by sending it (mass assignment)."""
    browser = await site.signed_in("ana")
    more = {"es_admin": "1", "activo": "0", "id": "2", "usuario_id": "2", "rol": "propietario", "password_hash": "x"}
    for row in (r for r in UNSAFE if r.endpoint in {"profile.save", "profile.identity", "care.save", "fleet.add"}):
        form = (
            fields(row) | more | {f"{prefix}-{k}": v for k, v in more.items() for prefix in ("preferencias", "cuenta")}
        )
        await browser.post(row.path.format(meter=OWN), form | {"csrf": await browser.token()})
    async with site.engine.connect() as conn:
        found = (await conn.exec_driver_sql("SELECT id, es_admin, activo FROM Usuarios ORDER BY id")).all()
        owners = (await conn.exec_driver_sql("SELECT usuario_id, nodo_id FROM UsuariosNodos ORDER BY nodo_id")).all()
    assert [tuple(r) for r in found] == [(1, 0, 1), (2, 0, 1)]
    assert [tuple(r) for r in owners] == [(1, 1), (2, 2)]
