"""The audit: newest first, by what, who, which meter and when."""

import re
from datetime import UTC, datetime, timedelta

from enertrack.stores import audit
from enertrack.stores.audit import PAGE
from tests.web.admin.conftest import english
from tests.web.conftest import FOREIGN, NOW, OWN, Browser, Site

MOMENT = datetime.fromtimestamp(NOW, UTC)


async def test_events_are_told_in_words_with_who_and_where_from(site: Site, alba: Browser, bruno: int) -> None:
    await audit.record(
        site.engine, "placa_cambiada", momento=MOMENT, usuario_id=bruno, nodo_id=site.foreign, direccion="198.51.100.7",
        detalle={"antes": FOREIGN, "motivo": "<i>"},
    )  # fmt: skip
    page = await alba.text("/admin/auditoria?accion=placa_cambiada")
    for told in ("bruno</b>", "Cambió la placa de un medidor", "Casa de bruno", FOREIGN, "198.51.100.7", "&lt;i&gt;"):
        assert told in page


async def test_what_was_kept_is_told_in_the_readers_language(site: Site, alba: Browser, bruno: int) -> None:
    detail = {
        "rol": "lector",
        "con_historia": True,
        "alcances": ["gestionar", "leer"],
        "usuario": "lector",
        "token": "",
    }
    await audit.record(site.engine, "invitacion", momento=MOMENT, usuario_id=bruno, detalle=detail)
    await english(site)
    page = await alba.text("/admin/auditoria")
    assert "role: viewer, with its history: yes, scopes: manage + read, user: lector" in page


async def test_moment_that_was_kept_is_told_as_one(site: Site, alba: Browser) -> None:
    detail = {"desde": NOW, "reinicio": 2}
    await audit.record(site.engine, "registro_inusual", momento=MOMENT, nodo_id=site.own, detalle=detail)
    assert "desde: 17 jun 2026, 15:00, vuelta a cero: 2" in await alba.text("/admin/auditoria")


async def test_filters_narrow(site: Site, alba: Browser, bruno: int) -> None:
    await audit.record(site.engine, "nodo_baja", momento=MOMENT - timedelta(days=3), usuario_id=bruno, nodo_id=site.own)
    old = (MOMENT - timedelta(days=3)).date()
    one = "<li>"
    for query in ("accion=nodo_baja", "persona=bruno", f"medidor={OWN.lower()}", f"desde={old}&hasta={old}"):
        page = await alba.text(f"/admin/auditoria?{query}")
        listed = page[page.index('class="card log"') :]
        assert listed.count(one) == 1, query
        assert "Dio de baja un medidor" in listed
    assert "Nada que mostrar" in await alba.text("/admin/auditoria?persona=nadie")


async def test_nonsense_asks_for_nothing(alba: Browser) -> None:
    nonsense = "accion=%C3%B1&medidor=%27+OR+1%3D1&desde=9999-12-31&hasta=9999-12-31&antes=x"
    assert (await alba.get(f"/admin/auditoria?{nonsense}")).status_code == 200
    for query in ("desde=ayer", "hasta=0001-01-01", "antes=-1", f"antes={2**70}"):
        assert (await alba.get(f"/admin/auditoria?{query}")).status_code == 200


async def test_older_events_are_a_page_away(site: Site, alba: Browser, bruno: int) -> None:
    for number in range(PAGE + 5):
        moment = MOMENT + timedelta(seconds=number)
        await audit.record(site.engine, "nodo_editado", momento=moment, usuario_id=bruno, detalle={"n": f"#{number};"})
    path, seen = "/admin/auditoria?accion=nodo_editado", []
    for _page in range(2):
        text = await alba.text(path)
        seen += re.findall(r"n: #(\d+);", text)
        more = re.search(r'rel="next"\s+href="([^"]+)"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == [str(n) for n in reversed(range(PAGE + 5))]
    assert path == ""
