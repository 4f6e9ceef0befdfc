"""The list of one's meters, and adding one where a person makes the broker's accounts."""

import pytest

from enertrack.stores.nodes import link_user, memberships, set_active
from enertrack.stores.tables import Role
from enertrack.stores.users import user_by_name
from tests.web.access.people import person
from tests.web.conftest import FOREIGN, OWN, Site

NEW = {
    "esp_id": "a0:b7:65:12:c4:d9",
    "nombre": " Taller ",
    "ubicacion": "Galpón",
    "descripcion": "",
    "zona_horaria": "Europe/Madrid",
    "potencia_max_w": "5750",
}


async def user_id(site: Site, name: str = "ana") -> int:
    user = await user_by_name(site.engine, name)
    assert user
    return user.id


async def test_the_list_shows_own_meters_and_those_out_of_service(site: Site) -> None:
    await link_user(site.engine, user_id=await user_id(site), node_id=site.foreign, rol=Role.LECTOR)
    await set_active(site.engine, site.foreign, active=False)
    text = await (await site.signed_in("ana")).text("/nodos")
    assert "Casa de ana" in text
    assert "Fuera de servicio" in text
    assert text.index("Casa de bruno") > text.index("Fuera de servicio")
    assert f"/nodos/{FOREIGN}/reactivar" not in text


async def test_who_has_none_is_led_to_add_one(site: Site) -> None:
    await set_active(site.engine, site.own, active=False)
    await link_user(site.engine, user_id=await user_id(site), node_id=site.own, rol=Role.PROPIETARIO)
    browser = await site.signed_in("ana")
    assert f"/nodos/{OWN}/reactivar" in await browser.text("/nodos")


async def test_a_new_meter_is_its_owners(site: Site) -> None:
    browser = await site.signed_in("ana")
    answer = await browser.post("/nodos/nuevo", NEW | {"csrf": await browser.token()})
    text = await answer.get_data(as_text=True)
    assert answer.status_code == 200, text
    assert "enertrack-A0B76512C4D9" in text
    found = {m.node.esp_id: m for m in await memberships(site.engine, await user_id(site))}["A0B76512C4D9"]
    assert (found.rol, found.ubicacion, found.node.nombre) == (Role.PROPIETARIO, "Galpón", "Taller")
    assert (found.node.protocolo, found.node.potencia_max_w, found.node.zona_horaria) == (2, 5750.0, "Europe/Madrid")


async def test_a_board_of_the_original_speaks_as_the_original(site: Site) -> None:
    browser = await site.signed_in("ana")
    await browser.post("/nodos/nuevo", NEW | {"esp_id": "12 65 b7 a0", "csrf": await browser.token()})
    found = {m.node.esp_id: m for m in await memberships(site.engine, await user_id(site))}["1265B7A0"]
    assert (found.node.protocolo, found.node.intervalo_s) == (1, 120)


@pytest.mark.parametrize("esp_id", [FOREIGN, FOREIGN.lower()])
async def test_a_board_that_is_a_meters_is_not_taken_by_knowing_its_id(site: Site, esp_id: str) -> None:
    browser = await site.signed_in("ana")
    before = await memberships(site.engine, await user_id(site, "bruno"))
    answer = await browser.post("/nodos/nuevo", NEW | {"esp_id": esp_id, "csrf": await browser.token()})
    text = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "ya está dada de alta" in text
    assert "bruno" not in text
    assert await memberships(site.engine, await user_id(site, "bruno")) == before
    assert len(await memberships(site.engine, await user_id(site))) == 1


async def test_a_board_of_ones_own_leads_to_its_meter(site: Site) -> None:
    """As to who pressed the button twice and saw only the second answer."""
    browser = await site.signed_in("ana")
    form = NEW | {"esp_id": OWN.lower(), "csrf": await browser.token()}
    answer = await browser.post("/nodos/nuevo", form)
    text = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "ya está entre sus medidores: es Casa de ana" in text
    assert f'href="/nodos/{OWN}/ajustes"' in text
    await set_active(site.engine, site.own, active=False)
    retired = await (await browser.post("/nodos/nuevo", form)).get_data(as_text=True)
    assert "Está dado de baja" in retired
    assert f"/nodos/{OWN}/ajustes" not in retired
    problem = await browser.call(
        "/api/v1/medidores", "POST", {k: NEW[k] for k in ("nombre", "zona_horaria")} | {"esp_id": OWN}
    )
    assert (problem.status_code, "es Casa de ana" in (await problem.get_json())["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("name", "active", "led"), [("carla", True, True), ("carla", False, False), ("dora", True, False)]
)
async def test_a_board_that_is_shared_leads_where_one_may_do_something(
    site: Site, *, name: str, active: bool, led: bool
) -> None:
    browser = await person(site, name)
    await set_active(site.engine, site.own, active=active)
    text = await (await browser.send("/nodos/nuevo", **NEW | {"esp_id": OWN})).get_data(as_text=True)
    assert "ya está entre sus medidores: es Casa de ana" in text
    assert ("alert-link" in text) is led


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("esp_id", wrong) for wrong in ("", "A0B7", "A0B76512C4D", "ZZB76512C4D9", "A0B76512C4D9'--")),
        *(("nombre", wrong) for wrong in ("", "   ", "x" * 101)),
        *(("zona_horaria", wrong) for wrong in ("", "Marte/Olympus", "../../etc/passwd")),
        *(("potencia_max_w", wrong) for wrong in ("", "99", "1000001", "mucho", "5e3", "nan")),
        ("descripcion", "x" * 256),
        ("ubicacion", "x" * 101),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(site: Site, field: str, value: str) -> None:
    browser = await site.signed_in("ana")
    answer = await browser.post("/nodos/nuevo", NEW | {field: value, "csrf": await browser.token()})
    text = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert text.count("is-invalid") == 1
    assert len(await memberships(site.engine, await user_id(site))) == 1
