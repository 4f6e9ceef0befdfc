"""All meters are listed with how they are, and without what they measured."""

from enertrack.domain.reading import Reading
from enertrack.stores import nodes
from tests.web.conftest import FOREIGN, NOW, OWN, Browser, Site


async def test_state_and_owner_are_shown_and_no_value(site: Site, alba: Browser) -> None:
    await site.keep(site.foreign, [Reading(t=NOW - 20, dt=60, energia_wh=5, potencia=1234.5, tension=231.7)])
    page = await alba.text("/admin/medidores")
    assert "Casa de bruno" in page
    assert 'data-state="activo"' in page
    assert 'data-state="sin_datos"' in page
    assert "1.234" not in page
    assert "231,7" not in page
    assert "231.7" not in page


async def test_the_list_is_searched_by_board_owner_and_name(alba: Browser) -> None:
    for search in (FOREIGN.lower(), "bruno", "CASA DE BRUNO"):
        page = await alba.text(f"/admin/medidores?q={search.replace(' ', '+')}")
        assert FOREIGN in page, search
        assert OWN not in page, search
    assert "No hay ningún medidor así" in await alba.text("/admin/medidores?q=%C3%B1and%C3%BA")


async def test_what_is_out_of_service_is_listed_apart(site: Site, alba: Browser) -> None:
    await nodes.set_active(site.engine, site.foreign, active=False)
    assert FOREIGN in await alba.text("/admin/medidores?ver=baja")
    assert FOREIGN not in await alba.text("/admin/medidores?ver=servicio")
    assert FOREIGN in await alba.text("/admin/medidores?ver=otra")


async def test_an_administrator_does_not_open_anothers_meter(alba: Browser) -> None:
    assert (await alba.get(f"/nodos/{FOREIGN}")).status_code == 404
