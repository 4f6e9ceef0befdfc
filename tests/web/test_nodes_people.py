"""Sharing a meter, handing it over, and the links that do it: once, for a while, for who has them."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from enertrack.domain.reading import Reading
from enertrack.stores.database import connection
from enertrack.stores.nodes import link_user
from enertrack.stores.tables import Role, invitaciones, nodos, usuarios
from enertrack.stores.users import add_user, change, user_by_name
from tests.web.conftest import NOW, OWN, Browser, Site
from tests.web.test_nodes_care import mine, send
from tests.web.test_nodes_fleet import user_id


async def link_of(browser: Browser, work: str = "invitaciones", **form: str) -> str:
    """The path of a link that the page shows."""
    status, text = await send(browser, f"/nodos/{OWN}/{work}", {"rol": "lector"} | form)
    assert status == 200, text
    found = re.search(r'id="enlace">http://localhost(/invitaciones/[\w-]{43})<', text)
    assert found, text
    return found[1]


async def accept(browser: Browser, link: str) -> int:
    return (await send(browser, f"{link}/aceptar"))[0]


@pytest.mark.parametrize(("rol", "may_change"), [("lector", False), ("gestor", True)])
async def test_who_accepts_may_do_what_was_offered(site: Site, rol: str, *, may_change: bool) -> None:
    owner, guest = await site.signed_in("ana"), await site.signed_in("bruno")
    link = await link_of(owner, rol=rol)
    text = await guest.text(link)
    assert "ana comparte" in text
    assert "Casa de ana" in text
    assert await accept(guest, link) == 303
    assert (await guest.get(f"/nodos/{OWN}")).status_code == 200
    assert (await send(guest, f"/nodos/{OWN}/ajustes"))[0] == (422 if may_change else 403)
    assert (await guest.get(f"/nodos/{OWN}/personas")).status_code == 403


async def test_a_link_is_shown_once(site: Site) -> None:
    owner = await site.signed_in("ana")
    link = await link_of(owner, correo="eva@ejemplo.com")
    text = await owner.text(f"/nodos/{OWN}/personas")
    assert link not in text
    assert "eva@ejemplo.com" in text


async def test_who_has_not_signed_in_sees_the_offer_and_comes_back_to_it(site: Site) -> None:
    link = await link_of(await site.signed_in("ana"))
    visitor = site.browser()
    text = await visitor.text(link)
    assert f"/ingresar?siguiente={link}" in text
    assert f"/registro?invitacion={link.rpartition('/')[2]}" in text
    assert await accept(visitor, link) == 303
    answer = await visitor.enter("bruno", siguiente=link)
    assert answer.headers["Location"] == link
    assert await accept(visitor, link) == 303
    assert OWN in await mine(site, "bruno")


async def test_a_newcomer_registers_by_it(site: Site) -> None:
    link = await link_of(await site.signed_in("ana"))
    visitor = site.browser()
    form = {"nombre_usuario": "eva", "clave": "siete caballos verdes", "invitacion": link.rpartition("/")[2]}
    status, text = await send(visitor, "/registro", form)
    assert status == 303, text
    assert set(await mine(site, "eva")) == {OWN}
    assert (await site.browser().get(link)).status_code == 404


async def test_an_administrator_without_second_factor_accepts_nothing(site: Site) -> None:
    link = await link_of(await site.signed_in("ana"))
    await change(site.engine, await user_id(site, "bruno"), es_admin=True)
    guest = await site.signed_in("bruno")
    answer = await guest.send(f"{link}/aceptar")
    assert answer.headers["Location"] == "/perfil/segundo-factor"
    assert OWN not in await mine(site, "bruno")


async def test_it_works_once_and_for_one(site: Site) -> None:
    ana = await user_by_name(site.engine, "ana")
    assert ana
    await add_user(site.engine, nombre_usuario="carla", password_hash=ana.password_hash)
    owner, first, second = [await site.signed_in(name) for name in ("ana", "bruno", "carla")]
    link = await link_of(owner)
    answers = await asyncio.gather(accept(first, link), accept(second, link))
    assert sorted(answers) == [303, 404]
    have = [OWN in await mine(site, name) for name in ("bruno", "carla")]
    assert sorted(have) == [False, True]
    for browser in (first, second, site.browser()):
        assert (await browser.get(link)).status_code == 404


async def test_what_was_withdrawn_or_has_run_out_is_closed(site: Site) -> None:
    owner, guest = await site.signed_in("ana"), await site.signed_in("bruno")
    withdrawn, old = await link_of(owner), await link_of(owner)
    text = await owner.text(f"/nodos/{OWN}/personas")
    numbers = sorted(int(n) for n in re.findall(rf"/nodos/{OWN}/invitaciones/(\d+)/anular", text))
    assert (await send(owner, f"/nodos/{OWN}/invitaciones/{numbers[0]}/anular"))[0] == 303
    async with connection(site.engine) as conn:
        past = datetime.fromtimestamp(NOW, UTC) - timedelta(seconds=1)
        await conn.execute(update(invitaciones).where(invitaciones.c.id == numbers[1]).values(vence=past))
    for link in (withdrawn, old):
        assert (await guest.get(link)).status_code == 404
        assert await accept(guest, link) == 404
    assert OWN not in await mine(site, "bruno")


async def test_ones_own_link_is_for_somebody_else(site: Site) -> None:
    owner = await site.signed_in("ana")
    link = await link_of(owner)
    assert f"{link}/aceptar" not in await owner.text(link)
    assert await accept(owner, link) == 404
    assert (await mine(site))[OWN].rol is Role.PROPIETARIO


async def test_nobody_withdraws_or_removes_of_anothers_meter(site: Site) -> None:
    owner, stranger = await site.signed_in("ana"), await site.signed_in("bruno")
    link = await link_of(owner)
    [number] = re.findall(r"/invitaciones/(\d+)/anular", await owner.text(f"/nodos/{OWN}/personas"))
    foreign = next(iter(await mine(site, "bruno")))
    await send(stranger, f"/nodos/{foreign}/invitaciones/{number}/anular")
    assert (await send(stranger, f"/nodos/{foreign}/personas/{await user_id(site)}/quitar"))[0] == 400
    assert (await site.browser().get(link)).status_code == 200
    assert OWN in await mine(site)


async def test_who_is_removed_finds_the_page_gone_and_the_live_values_ended(site: Site) -> None:
    number = await user_id(site, "bruno")
    await link_user(site.engine, user_id=number, node_id=site.own, rol=Role.LECTOR)
    owner, guest = await site.signed_in("ana"), await site.signed_in("bruno")
    assert "bruno" in await owner.text(f"/nodos/{OWN}/personas")
    with site.services.live.watch({OWN: 0}, number) as watch:
        assert (await send(owner, f"/nodos/{OWN}/personas/{number}/quitar"))[0] == 303
        await watch.next(1)  # what every watch begins with
        assert await watch.next(1) is None
    assert (await guest.get(f"/nodos/{OWN}")).status_code == 404
    assert "bruno" not in await owner.text(f"/nodos/{OWN}/personas")


async def test_who_had_a_meter_sees_no_more_values_when_a_newcomer_registers_for_it(site: Site) -> None:
    owner = await site.signed_in("ana")
    link = await link_of(owner, "transferir")
    form = {"nombre_usuario": "eva", "clave": "siete caballos verdes", "invitacion": link.rpartition("/")[2]}
    with site.services.live.watch({OWN: 0}, await user_id(site)) as watch:
        assert (await send(site.browser(), "/registro", form))[0] == 303
        await watch.next(1)  # what every watch begins with
        assert await watch.next(1) is None
    assert (await owner.get(f"/nodos/{OWN}")).status_code == 404


async def test_who_leaves_a_meter_sees_no_more_values(site: Site) -> None:
    number = await user_id(site, "bruno")
    await link_user(site.engine, user_id=number, node_id=site.own, rol=Role.LECTOR)
    with site.services.live.watch({OWN: 0}, number) as watch:
        assert (await send(await site.signed_in("bruno"), f"/nodos/{OWN}/dejar"))[0] == 303
        await watch.next(1)  # what every watch begins with
        assert await watch.next(1) is None


@pytest.mark.parametrize(("form", "sees"), [({}, False), ({"con_historia": "y"}, True)])
async def test_a_meter_that_is_handed_over_is_its_new_owners_alone(
    site: Site, form: dict[str, str], *, sees: bool
) -> None:
    await site.keep(site.own, [Reading(t=NOW - 3600, dt=60, seq=1, energia_wh=5, potencia=4321)])
    owner, heir = await site.signed_in("ana"), await site.signed_in("bruno")
    link = await link_of(owner, "transferir", **form)
    assert "transfiere" in await heir.text(link)
    assert (await owner.get(f"/nodos/{OWN}")).status_code == 200
    assert await accept(heir, link) == 303
    assert (await owner.get(f"/nodos/{OWN}")).status_code == 404
    found = (await mine(site, "bruno"))[OWN]
    assert found.rol is Role.PROPIETARIO
    assert found.desde == (None if sees else datetime.fromtimestamp(NOW, UTC))
    history = await heir.json(f"/nodos/{OWN}/potencia/datos?desde={NOW - 7200}&hasta={NOW}")
    assert bool(history["puntos"]) is sees


async def test_names_are_text_wherever_they_are_shown(site: Site) -> None:
    evil = "<img src=x onerror=alert(1)>"
    async with connection(site.engine) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == site.own).values(nombre=evil, descripcion=evil))
        await conn.execute(update(usuarios).where(usuarios.c.nombre_usuario == "ana").values(nombre_usuario=evil))
        assert (await conn.execute(select(usuarios.c.id).where(usuarios.c.nombre_usuario == evil))).one()
    owner = await site.signed_in(evil)
    link = await link_of(owner)
    guest = await site.signed_in("bruno")
    pages = [await owner.text(f"/nodos{path}") for path in ("", f"/{OWN}/ajustes", f"/{OWN}/personas")]
    pages += [await guest.text(link), (await send(owner, f"/nodos/{OWN}/transferir"))[1]]
    pages.append((await send(owner, f"/nodos/{OWN}/credencial"))[1])
    for text in pages:
        assert "<img" not in text
        assert "&lt;img" in text


async def test_a_mistake_in_the_form_makes_no_link(site: Site) -> None:
    owner = await site.signed_in("ana")
    for work, form in (
        ("invitaciones", {"rol": "propietario"}),
        ("invitaciones", {"rol": "lector", "correo": "nadie"}),
        ("transferir", {"correo": "a@b"}),
        ("transferir", {"correo": f"a@{'b' * 250}.com"}),
        ("invitaciones", {"rol": "lector", "correo": f"a@{'b' * 250}.com"}),
    ):
        assert (await send(owner, f"/nodos/{OWN}/{work}", form))[0] == 422
    async with connection(site.engine) as conn:
        assert (await conn.execute(select(invitaciones))).all() == []
