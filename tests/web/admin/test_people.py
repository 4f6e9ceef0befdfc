"""Who administers looks after accounts, but cannot lock everybody out."""

import re

from enertrack.stores import users
from enertrack.stores.passwords import hash_password
from tests.web.access.people import person
from tests.web.conftest import PASSWORD, Browser, Site


async def alone(site: Site) -> int:
    found = await users.user_by_name(site.engine, "alba")
    assert found
    return found.id


async def link_in(page: str) -> str:
    found = re.search(r"https?://[^/]+(/\S+?)<", page)
    assert found, page
    return found[1].replace("&amp;", "&")


async def test_the_list_is_searched_by_name_and_address(site: Site, alba: Browser, bruno: int) -> None:
    await users.change(site.engine, bruno, correo="b@ejemplo.com")
    whole, some = await alba.text("/admin/usuarios"), await alba.text("/admin/usuarios?q=EJEMPLO.com")
    assert "ana</a>" in whole
    assert "bruno</a>" in whole
    assert "bruno</a>" in some
    assert "ana</a>" not in some
    assert "No hay ninguna cuenta así" in await alba.text("/admin/usuarios?q=%25")


async def test_a_long_list_has_pages(site: Site, alba: Browser) -> None:
    for number in range(30):
        await users.add_user(site.engine, nombre_usuario=f"zoe{number:02}", password_hash="h")
    first, second = await alba.text("/admin/usuarios?q=zoe"), await alba.text("/admin/usuarios?q=zoe&pagina=2")
    assert "zoe00" in first
    assert "zoe29" not in first
    assert "zoe29" in second
    assert "pagina=2" in first


async def test_a_nonsense_page_is_the_first(alba: Browser) -> None:
    for asked in ("-1", "0", "x", "99999999999999999999"):
        assert "alba</a>" in await alba.text(f"/admin/usuarios?pagina={asked}")


async def test_who_is_deactivated_is_out_at_once_and_can_come_back(site: Site, alba: Browser, bruno: int) -> None:
    theirs = await site.signed_in("bruno")
    answer = await alba.send(f"/admin/usuarios/{bruno}/activa", si="0")
    assert answer.status_code == 303
    assert (await theirs.get("/")).status_code == 303
    assert (await site.browser().enter("bruno")).status_code == 401
    await alba.send(f"/admin/usuarios/{bruno}/activa", si="1")
    assert (await site.browser().enter("bruno")).status_code == 303


async def test_an_administrator_is_made_and_unmade(site: Site, alba: Browser, bruno: int) -> None:
    await site.give_second_factor(bruno)
    await alba.send(f"/admin/usuarios/{bruno}/administra", si="1")
    assert (await (await site.signed_in("bruno")).get("/admin")).status_code == 200
    await alba.send(f"/admin/usuarios/{bruno}/administra", si="0")
    assert (await (await site.signed_in("bruno")).get("/admin")).status_code == 404


async def test_nobody_changes_their_own_account_here(site: Site, alba: Browser) -> None:
    own = await alone(site)
    for deed in ("activa", "administra", "clave", "segundo-factor"):
        assert (await alba.send(f"/admin/usuarios/{own}/{deed}", si="0")).status_code == 400
    found = await users.user_by_id(site.engine, own)
    assert found is not None
    assert (found.activo, found.es_admin) == (True, True)
    assert "/activa" not in await alba.text(f"/admin/usuarios/{own}")


async def test_a_link_lets_a_person_choose_another_password(site: Site, alba: Browser, bruno: int) -> None:
    theirs = await site.signed_in("bruno")
    answer = await alba.send(f"/admin/usuarios/{bruno}/clave")
    link = await link_in(await answer.get_data(as_text=True))
    other = site.browser()
    assert "bruno" in await other.text(link)
    chosen = "una frase distinta y larga"
    assert (await other.send(link, clave=chosen)).status_code == 303
    assert (await theirs.get("/")).status_code == 303
    assert (await site.browser().enter("bruno", chosen)).status_code == 303
    assert (await other.get(link)).status_code == 404


async def test_the_link_is_nowhere_in_the_audit(alba: Browser, bruno: int) -> None:
    answer = await alba.send(f"/admin/usuarios/{bruno}/clave")
    link = await link_in(await answer.get_data(as_text=True))
    log = await alba.text("/admin/auditoria")
    assert "Hizo un enlace para que otra persona elija su contraseña" in log
    assert link.rpartition("/")[2] not in log


async def test_an_inactive_account_gets_no_link(alba: Browser, bruno: int) -> None:
    await alba.send(f"/admin/usuarios/{bruno}/activa", si="0")
    assert (await alba.send(f"/admin/usuarios/{bruno}/clave")).status_code == 422


async def test_who_lost_their_second_factor_comes_in_without(site: Site, alba: Browser, bruno: int) -> None:
    await site.give_second_factor(bruno)
    await alba.send(f"/admin/usuarios/{bruno}/segundo-factor")
    browser = site.browser()
    await browser.enter("bruno")
    assert (await browser.get("/")).status_code == 200


async def test_accounts_that_do_not_exist_are_not_found(site: Site, alba: Browser) -> None:
    gone = await users.add_user(site.engine, nombre_usuario="eliminado-77", password_hash="!")
    for number in (gone, 4096):
        assert (await alba.get(f"/admin/usuarios/{number}")).status_code == 404
        assert (await alba.send(f"/admin/usuarios/{number}/activa", si="1")).status_code == 404
    assert "eliminado-77" not in await alba.text("/admin/usuarios")


async def test_who_is_invited_makes_an_account(site: Site, alba: Browser) -> None:
    answer = await alba.send("/admin/invitaciones", para="la vecina")
    link = await link_in(await answer.get_data(as_text=True))
    assert "la vecina" in await alba.text("/admin/invitaciones")
    guest = site.browser()
    assert (await guest.get(link)).status_code == 200
    token = link.partition("invitacion=")[2]
    made = await guest.send("/registro", nombre_usuario="vecina", clave="una frase distinta y larga", invitacion=token)
    assert made.status_code == 303
    assert "la vecina" not in await alba.text("/admin/invitaciones")


async def test_an_invitation_that_was_withdrawn_is_worth_nothing(site: Site, alba: Browser) -> None:
    answer = await alba.send("/admin/invitaciones")
    link = await link_in(await answer.get_data(as_text=True))
    found = re.search(r"/admin/invitaciones/(\d+)/anular", await alba.text("/admin/invitaciones"))
    assert found
    await alba.send(found[0])
    assert "Sin usar" not in await alba.text("/admin/invitaciones")
    assert (await site.browser().get(link)).status_code != 500
    token = link.partition("invitacion=")[2]
    refused = await site.browser().send(
        "/registro", nombre_usuario="x1y", clave="una frase larga y tal", invitacion=token
    )
    assert refused.status_code == 403


async def test_a_name_with_markup_is_text(site: Site, alba: Browser) -> None:
    name = "<b>eva</b>"
    number = await users.add_user(site.engine, nombre_usuario=name, password_hash=await hash_password(PASSWORD))
    for path in ("/admin/usuarios", f"/admin/usuarios/{number}"):
        page = await alba.text(path)
        assert name not in page
        assert "&lt;b&gt;eva" in page


async def test_the_menu_has_this_for_administrators_alone(site: Site, alba: Browser) -> None:
    assert 'href="/admin"' in await alba.text("/")
    assert 'href="/admin"' not in await (await person(site, "ana")).text("/")
