"""A meter through the API, as on the pages."""

import asyncio
import re

import pytest

from enertrack.domain.reading import Reading
from enertrack.web import stream
from tests.web.api.conftest import API, Program
from tests.web.conftest import FOREIGN, NOW, OWN, Site

NEW = "A0B76512C4DE"


def hour_of_readings() -> list[Reading]:
    return [
        Reading(t=NOW - 3600 + i * 300, dt=300, seq=i, energia_wh=i * 50.0, potencia=600, tension=230)
        for i in range(1, 13)
    ]


async def test_its_life(program: Program) -> None:
    made = await program.ask(
        "/medidores", "POST", {"esp_id": NEW, "nombre": "Taller", "zona_horaria": "Europe/Madrid"}, status=201
    )
    assert made == {"esp_id": NEW, "usuario": None, "clave": None, "id_cliente": None}  # made by hand in this setting
    changed = await program.ask(f"/medidores/{NEW}", "PATCH", {"ubicacion": "Fondo", "es_parte_de": OWN})
    assert (changed["nombre"], changed["ubicacion"], changed["zona_horaria"]) == ("Taller", "Fondo", "Europe/Madrid")
    listed = {m["esp_id"]: m for m in await program.ask("/medidores")}
    assert listed[NEW]["es_parte_de"] == OWN
    await program.ask(f"/medidores/{OWN}", "PATCH", {"es_parte_de": NEW}, status=422)
    await program.ask(f"/medidores/{NEW}", "PATCH", {"es_parte_de": None})
    await program.ask(f"/medidores/{NEW}/placa", "PUT", {"esp_id": "A0B76512C4DD"})
    await program.ask("/medidores/A0B76512C4DD", "DELETE", status=204)
    assert (await program.ask("/medidores/A0B76512C4DD"))["activo"] is False
    await program.ask("/medidores/A0B76512C4DD/reactivar", "POST")
    assert (await program.ask("/medidores/A0B76512C4DD"))["activo"] is True


async def test_what_the_forms_refuse_is_refused_with_their_words(program: Program) -> None:
    asked = {"esp_id": NEW, "nombre": "  ", "zona_horaria": "Marte/Olimpo"}
    told = await program.ask("/medidores", "POST", asked, status=422)
    assert set(told["errores"]) == {"nombre", "zona_horaria"}
    assert told["errores"]["nombre"] == ["Falta completar este campo."]


@pytest.mark.parametrize("esp_id", [OWN, FOREIGN])
async def test_a_board_that_is_somebodys_is_taken_and_nobody_is_told_whose(program: Program, esp_id: str) -> None:
    asked = {"esp_id": esp_id, "nombre": "Mía", "zona_horaria": "UTC"}
    told = await program.ask("/medidores", "POST", asked, status=409)
    assert "bruno" not in str(told)


@pytest.mark.parametrize(
    "body", [{"nombre": 5}, {"color": "rojo"}, [], "x", None, {"nombre": "x" * 101}, {"nombre": ""}]
)
async def test_bodies_of_another_form(program: Program, body: object) -> None:
    answer = await program.browser.call(f"{API}/medidores/{OWN}", "PATCH", body)
    assert answer.status_code in {400, 415}
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 50_000, b'{"nombre": NaN}', b""])
async def test_bodies_that_are_no_json(program: Program, data: bytes) -> None:
    headers = {"Authorization": f"Bearer {program.browser.bearer}", "Content-Type": "application/json"}
    answer = await program.browser.client.patch(f"{API}/medidores/{OWN}", data=data, headers=headers)
    assert answer.status_code == 400


async def test_history(site: Site, program: Program) -> None:
    await site.keep(site.own, hour_of_readings())
    here = f"/medidores/{OWN}"
    read = await program.ask(f"{here}/lecturas?desde={NOW - 600}")
    assert [(r["t"], r["energia_wh"]) for r in read] == [(NOW - 300, 550.0), (NOW, 600.0)]
    [hour] = await program.ask(f"{here}/ventanas?resolucion=hora")
    assert (hour["inicio"], hour["fin"]) == (NOW - 3600, NOW)
    assert hour["energia_wh"] == pytest.approx(550)
    assert hour["magnitudes"]["tension"] == {"media": 230.0, "minimo": 230.0, "maximo": 230.0}
    course = await program.ask(f"{here}/historia/potencia")
    assert course["maximo"] == 600.0
    used = await program.ask("/consumo?periodo=hora")
    assert used["total_wh"] == pytest.approx(550)
    assert [b["energia_wh"] for b in used["barras"] if b["energia_wh"]] == [pytest.approx(550)]
    answer = await program.browser.call(f"{API}{here}/exportar?resolucion=15min")
    assert (await answer.get_data(as_text=True)).count("\n") == 5
    shown = await program.ask(here)
    assert (shown["estado"], shown["valores"]["potencia"], shown["ultima_lectura"]) == ("activo", 600.0, NOW)


@pytest.mark.parametrize(
    "query",
    ["desde=5&hasta=5", "desde=9&hasta=5", f"desde=0&hasta={NOW}"],
)
async def test_ranges_that_make_no_sense(program: Program, query: str) -> None:
    await program.ask(f"/medidores/{OWN}/lecturas?{query}", status=422)


@pytest.mark.parametrize("query", ["desde=ayer", "desde=-1", "desde=1&desde=2", "color=rojo", "desde=99999999999"])
async def test_queries_of_another_form(program: Program, query: str) -> None:
    told = await program.ask(f"/medidores/{OWN}/lecturas?{query}", status=400)
    assert query.partition("=")[0] in told["detail"]


async def test_too_many_windows_are_for_a_file(site: Site, program: Program) -> None:
    await site.keep(site.own, [Reading(t=NOW - 40 * 86_400, dt=60, energia_wh=1), Reading(t=NOW, dt=60, energia_wh=2)])
    await program.ask(f"/medidores/{OWN}/ventanas?resolucion=15min&desde=0", status=422)


async def test_sharing_and_taking_away(site: Site, program: Program) -> None:
    bruno = Program(await site.signed_in("bruno"))
    sent = await program.ask(f"/medidores/{OWN}/invitaciones", "POST", {"rol": "lector"}, status=201)
    found = re.search(r"/invitaciones/([A-Za-z0-9_-]+)$", sent["enlace"])
    assert found
    offer = await bruno.ask(f"/invitaciones/{found[1]}")
    assert (offer["esp_id"], offer["rol"], offer["de"]) == (OWN, "lector", "ana")
    await bruno.ask(f"/invitaciones/{found[1]}", "POST")
    await bruno.ask(f"/invitaciones/{found[1]}", "POST", status=404)
    await bruno.ask(f"/medidores/{OWN}")
    await bruno.ask(f"/medidores/{OWN}", "PATCH", {"nombre": "Mía"}, status=403)
    [_, other] = await program.ask(f"/medidores/{OWN}/personas")
    await program.ask(f"/medidores/{OWN}/personas/{other['id']}", "DELETE", status=204)
    await bruno.ask(f"/medidores/{OWN}", status=404)


@pytest.mark.parametrize(
    ("address", "status"),
    [("eva@ejemplo.com", 201), ("eva@correo.empresa.com.ar", 201), ("eva@ejemplo", 400), ("a<eva@ejemplo.com>", 400)],
)
async def test_an_invitation_is_for_an_address(program: Program, address: str, status: int) -> None:
    body = {"rol": "lector", "correo": address}
    await program.ask(f"/medidores/{OWN}/invitaciones", "POST", body, status=status)


async def test_handing_over(site: Site, program: Program) -> None:
    bruno = Program(await site.signed_in("bruno"))
    asked = {"rol": "propietario", "con_historia": False}
    sent = await program.ask(f"/medidores/{OWN}/invitaciones", "POST", asked, status=201)
    [open_one] = await program.ask(f"/medidores/{OWN}/invitaciones")
    assert open_one["rol"] == "propietario"
    await bruno.ask(f"/invitaciones/{sent['enlace'].rpartition('/')[2]}", "POST")
    await program.ask(f"/medidores/{OWN}", status=404)
    assert (await bruno.ask(f"/medidores/{OWN}"))["rol"] == "propietario"


@pytest.mark.parametrize("personal", [True, False])
async def test_live_values_end_with_the_token(
    program: Program, monkeypatch: pytest.MonkeyPatch, *, personal: bool
) -> None:
    monkeypatch.setattr(stream, "CHECK_S", 0.05)
    made = await program.ask("/tokens", "POST", {"nombre": "x", "alcances": ["leer"]}, status=201)
    headers = {"Authorization": f"Bearer {made['token'] if personal else program.browser.bearer}"}
    async with program.browser.client.request(f"{API}/medidores/{OWN}/vivo", headers=headers) as connection:
        await connection.send_complete()
        assert (await connection.receive()).startswith(b"retry:")
        await program.ask(f"/tokens/{made['id']}" if personal else "/sesion", "DELETE", status=204)
        async with asyncio.timeout(20):
            while await connection.receive():
                pass


async def test_what_is_not_there_is_a_problem_too(program: Program) -> None:
    await program.ask("/nada", status=404)
    answer = await program.browser.call(f"{API}/medidores", "DELETE")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


async def test_no_cookie_is_read_or_written(site: Site) -> None:
    browser = await site.signed_in("ana")
    answer = await browser.call(f"{API}/medidores")
    assert "Set-Cookie" not in answer.headers
    browser.bearer = None
    assert (await browser.call(f"{API}/medidores")).status_code == 401


async def test_nobody_makes_a_meter_part_of_anothers(program: Program) -> None:
    problems = [
        await program.ask(f"/medidores/{OWN}", "PATCH", {"es_parte_de": esp_id}, status=404)
        for esp_id in (FOREIGN, NEW)
    ]
    assert problems[0] == problems[1]
    assert (await program.ask(f"/medidores/{OWN}"))["es_parte_de"] is None


@pytest.mark.parametrize("path", ["/consumo", "/consumo/exportar"])
async def test_anothers_meter_among_those_that_are_asked_for(program: Program, path: str) -> None:
    problems = [await program.ask(f"{path}?nodo={OWN}&nodo={esp_id}", status=404) for esp_id in (FOREIGN, NEW)]
    assert problems[0] == problems[1]
