"""Changing what is told of a meter, its board, its credential and its end, where accounts are made by hand."""

from typing import Any

import pytest
from sqlalchemy import select

from enertrack.domain.reading import Reading
from enertrack.stores.database import connection
from enertrack.stores.nodes import Membership, add_node, link_user, memberships
from enertrack.stores.tables import Role, auditoria
from tests.web.conftest import BUENOS_AIRES, FOREIGN, NOW, OWN, Browser, Site
from tests.web.test_nodes_fleet import user_id

SUB = "A0B76512C4DA"
SETTINGS = {
    "nombre": "Casa de ana",
    "ubicacion": "Tablero principal",
    "descripcion": "",
    "zona_horaria": BUENOS_AIRES,
    "potencia_max_w": "26500",
    "intervalo_s": "60",
    "padre_id": "",
}


async def send(browser: Browser, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    answer = await browser.post(path, {**(form or {}), "csrf": await browser.token()})
    return answer.status_code, await answer.get_data(as_text=True)


async def save(browser: Browser, esp_id: str = OWN, **fields: str) -> tuple[int, str]:
    return await send(browser, f"/nodos/{esp_id}/ajustes", SETTINGS | fields)


async def mine(site: Site, name: str = "ana") -> dict[str, Membership]:
    return {m.node.esp_id: m for m in await memberships(site.engine, await user_id(site, name))}


async def events(site: Site) -> list[tuple[str, Any]]:
    async with connection(site.engine) as conn:
        rows = await conn.execute(select(auditoria.c.accion, auditoria.c.detalle).order_by(auditoria.c.id))
        return [(row.accion, row.detalle) for row in rows if row.accion != "ingreso"]


async def test_what_is_told_of_a_meter_can_be_changed(site: Site) -> None:
    browser = await site.signed_in("ana")
    told = {"nombre": "Quinta", "zona_horaria": "Europe/Madrid", "potencia_max_w": "9200", "intervalo_s": "30"}
    status, _ = await save(browser, **told, descripcion="La de <b>atrás</b>", ubicacion="Sótano")
    assert status == 303
    found = (await mine(site))[OWN]
    assert (found.node.nombre, found.node.zona_horaria, found.ubicacion) == ("Quinta", "Europe/Madrid", "Sótano")
    assert (found.node.potencia_max_w, found.node.intervalo_s) == (9200.0, 30)
    for path in ("/nodos", f"/nodos/{OWN}/ajustes", "/"):
        assert "<b>atrás" not in await browser.text(path)
    [(action, detail)] = await events(site)
    assert (action, set(detail)) == ("nodo_editado", {*told, "descripcion"})


async def test_saving_what_is_there_is_no_change(site: Site) -> None:
    status, _ = await save(await site.signed_in("ana"))
    assert status == 303
    assert await events(site) == []


async def test_each_persons_place_is_their_own(site: Site) -> None:
    await link_user(site.engine, user_id=await user_id(site, "bruno"), node_id=site.own, rol=Role.GESTOR)
    status, _ = await save(await site.signed_in("bruno"), ubicacion="Lo de ana")
    assert status == 303
    assert (await mine(site, "bruno"))[OWN].ubicacion == "Lo de ana"
    assert (await mine(site))[OWN].ubicacion == "Tablero principal"


@pytest.fixture
async def sub(site: Site) -> int:
    number = await add_node(site.engine, esp_id=SUB, nombre="Horno", zona_horaria=BUENOS_AIRES)
    await link_user(site.engine, user_id=await user_id(site), node_id=number, rol=Role.PROPIETARIO)
    return number


async def test_a_meter_may_be_part_of_another_but_not_of_itself(site: Site, sub: int) -> None:
    browser = await site.signed_in("ana")
    assert (await save(browser, SUB, nombre="Horno", padre_id=str(site.own)))[0] == 303
    assert (await mine(site))[SUB].node.padre_id == site.own
    status, text = await save(browser, OWN, padre_id=str(sub))
    assert status == 422
    assert "ya es parte de este" in text
    assert (await save(browser, SUB, nombre="Horno"))[0] == 303
    assert (await mine(site))[SUB].node.padre_id is None


async def test_nobody_makes_a_meter_part_of_one_that_is_not_theirs(site: Site) -> None:
    browser = await site.signed_in("ana")
    for wrong in (str(site.foreign), str(site.own), "99", "x"):
        assert (await save(browser, padre_id=wrong))[0] == 422
    assert (await mine(site))[OWN].node.padre_id is None


async def test_a_parent_that_is_somebody_elses_stays(site: Site, sub: int) -> None:
    browser = await site.signed_in("ana")
    await save(browser, SUB, nombre="Horno", padre_id=str(site.own))
    await link_user(site.engine, user_id=await user_id(site, "bruno"), node_id=sub, rol=Role.GESTOR)
    guest = await site.signed_in("bruno")
    assert "Casa de ana" not in await guest.text(f"/nodos/{SUB}/ajustes")
    assert (await save(guest, SUB, nombre="Hornito", padre_id=str(site.own)))[0] == 303
    assert (await mine(site))[SUB].node.padre_id == site.own


@pytest.mark.parametrize(
    ("field", "value"), [("nombre", ""), ("intervalo_s", "4"), ("intervalo_s", "3601"), ("zona_horaria", "Luna")]
)
async def test_what_is_wrong_changes_nothing(site: Site, field: str, value: str) -> None:
    before = await mine(site)
    status, text = await save(await site.signed_in("ana"), **{field: value})
    assert status == 422
    assert text.count("is-invalid") == 1
    assert await mine(site) == before


async def test_a_meter_goes_and_comes_back_with_what_it_measured(site: Site) -> None:
    browser = await site.signed_in("ana")
    assert (await send(browser, f"/nodos/{OWN}/baja"))[0] == 303
    assert (await browser.get(f"/nodos/{OWN}")).status_code == 404
    assert (await browser.get(f"/nodos/{OWN}/ajustes")).status_code == 404
    status, text = await send(browser, f"/nodos/{OWN}/reactivar")
    assert status == 200
    assert f"enertrack-{OWN}" in text
    assert (await browser.get(f"/nodos/{OWN}")).status_code == 200
    assert [action for action, _ in await events(site)] == ["nodo_baja", "cuenta_renovada"]


async def test_who_watches_a_meter_that_goes_sees_no_more_values(site: Site) -> None:
    with site.services.live.watch({OWN: 0}, await user_id(site)) as watch:
        assert (await send(await site.signed_in("ana"), f"/nodos/{OWN}/baja"))[0] == 303
        await watch.next(1)  # what every watch begins with
        assert await watch.next(1) is None


async def test_another_board_takes_its_place(site: Site) -> None:
    browser = await site.signed_in("ana")
    status, text = await send(browser, f"/nodos/{OWN}/placa", {"esp_id": "a0:b7:65:12:c4:ff"})
    assert status == 200, text
    assert (await browser.get(f"/nodos/{OWN}")).status_code == 404
    found = (await mine(site))["A0B76512C4FF"].node
    assert (found.id, found.placa, found.nombre) == (site.own, 1, "Casa de ana")
    assert await events(site) == [("placa_cambiada", {"esp_id": "A0B76512C4FF", "anterior": OWN})]


async def test_what_a_board_said_in_one_home_is_not_told_in_the_next(site: Site) -> None:
    ana, bruno = await site.signed_in("ana"), await site.signed_in("bruno")
    site.services.live.learn(OWN, Reading(t=NOW - 5, dt=5, seq=1, potencia=4321.0))
    assert ">4.321<" in await ana.text(f"/nodos/{OWN}")
    with site.services.live.watch({OWN: 0}, await user_id(site)) as watch:
        assert (await send(ana, f"/nodos/{OWN}/placa", {"esp_id": "A0B76512C4FF"}))[0] == 200
        await watch.next(1)  # what every watch begins with
        assert await watch.next(1) is None
    assert (await send(bruno, "/nodos/nuevo", SETTINGS | {"esp_id": OWN}))[0] == 200
    assert "4.321" not in await bruno.text(f"/nodos/{OWN}")


@pytest.mark.parametrize("board", [OWN, FOREIGN, "", "x"])
async def test_a_board_that_is_a_meters_takes_no_place(site: Site, board: str) -> None:
    status, text = await send(await site.signed_in("ana"), f"/nodos/{OWN}/placa", {"esp_id": board})
    assert status == 422
    assert "bruno" not in text
    assert set(await mine(site)) == {OWN}
    assert set(await mine(site, "bruno")) == {FOREIGN}


async def test_a_guest_leaves_and_an_owner_does_not(site: Site) -> None:
    await link_user(site.engine, user_id=await user_id(site, "bruno"), node_id=site.own, rol=Role.LECTOR)
    guest, owner = await site.signed_in("bruno"), await site.signed_in("ana")
    for browser in (guest, owner):
        assert (await send(browser, f"/nodos/{OWN}/dejar"))[0] == 303
    assert set(await mine(site, "bruno")) == {FOREIGN}
    assert set(await mine(site)) == {OWN}
    assert (await guest.get(f"/nodos/{OWN}")).status_code == 404


async def test_a_guest_sees_what_they_may_do_and_no_more(site: Site) -> None:
    await link_user(site.engine, user_id=await user_id(site, "bruno"), node_id=site.own, rol=Role.LECTOR)
    guest = await site.signed_in("bruno")
    text = await guest.text(f"/nodos/{OWN}/ajustes")
    assert f"/nodos/{OWN}/dejar" in text
    for work in ("credencial", "placa", "baja", "personas"):
        assert f"/nodos/{OWN}/{work}" not in text
