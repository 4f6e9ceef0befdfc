"""Who sees what: the owner, a stranger, and one who has not signed in."""

import pytest

from enertrack.domain.reading import Reading
from enertrack.web import assets
from tests.web.conftest import FOREIGN, NOW, OWN, Site

PAGES = ["/", "/consumo", f"/nodos/{OWN}", f"/nodos/{OWN}/tension"]
DATA = ["/panel/datos", f"/nodos/{OWN}/potencia/datos"]
STREAMS = ["/vivo", f"/nodos/{OWN}/vivo"]
OWN_METER = [p for p in (*PAGES, *DATA, *STREAMS) if OWN in p]


@pytest.mark.parametrize("path", [*PAGES, *DATA])
async def test_owner_sees(site: Site, path: str) -> None:
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100, tension=231.4)])
    browser = await site.signed_in("ana")
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("path", OWN_METER)
async def test_stranger_sees_what_does_not_exist(site: Site, path: str) -> None:
    browser = await site.signed_in("bruno")
    there = await browser.get(path)
    nowhere = await browser.get(path.replace(OWN, "A0B76512C4DF"))
    assert there.status_code == nowhere.status_code == 404
    assert await there.get_data(as_text=True) == await nowhere.get_data(as_text=True)


@pytest.mark.parametrize("path", PAGES)
async def test_visitor_is_sent_to_sign_in(site: Site, path: str) -> None:
    answer = await site.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/ingresar")


@pytest.mark.parametrize("path", [*DATA, *STREAMS])
async def test_visitor_gets_no_data(site: Site, path: str) -> None:
    assert (await site.browser().get(path, Accept="*/*")).status_code == 401


async def test_panel_and_consumption_show_own_meters_only(site: Site) -> None:
    browser = await site.signed_in("ana")
    for path, status in (("/", 200), ("/consumo", 200), (f"/consumo?nodo={FOREIGN}", 404)):
        answer = await browser.get(path)
        text = await answer.get_data(as_text=True)
        assert answer.status_code == status
        assert "bruno" not in text
        assert FOREIGN not in text


@pytest.mark.parametrize("path", ["/nodos/nada", f"/nodos/{OWN}/peso", f"/nodos/{OWN}/peso/datos", "/nada"])
async def test_unknown_is_not_found(site: Site, path: str) -> None:
    browser = await site.signed_in("ana")
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("query", ["desde=x", "desde=2&hasta=1", "desde=-5", "hasta=99999999999", "desde=%D9%A3"])
async def test_senseless_range_is_refused(site: Site, query: str) -> None:
    browser = await site.signed_in("ana")
    assert (await browser.get(f"/nodos/{OWN}/potencia/datos?{query}")).status_code == 400


async def test_each_answer_has_the_headers(site: Site) -> None:
    browser = await site.signed_in("ana")
    for path in ("/", "/nada", "/ingresar", "/healthz", "/panel/datos"):
        headers = (await browser.get(path)).headers
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


async def test_address_with_more_slashes_leads_nowhere(site: Site) -> None:
    for path in ("//otro.example/x", "/nodos//x", "/static//x"):
        assert (await site.browser().get(path)).status_code == 404


async def test_pages_hold_no_inline_script_or_style(site: Site) -> None:
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100, tension=231.4)])
    browser = await site.signed_in("ana")
    for path in PAGES:
        text = await browser.text(path)
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert "onclick" not in text


async def test_assets_are_kept_for_a_year_under_their_version_only(site: Site) -> None:
    browser = site.browser()
    text = await (await browser.get("/ingresar")).get_data(as_text=True)
    [address] = {part.split('"')[0] for part in text.split('href="')[1:] if "enertrack.css" in part.split('"')[0]}
    kept = await browser.get(address)
    assert kept.status_code == 200
    assert {"immutable", "public", "max-age=31536000"} <= set(kept.headers["Cache-Control"].split(", "))
    style = await kept.get_data(as_text=True)
    areas = {p.stem for p in (assets.FOLDER / "css/base").iterdir()}
    assert areas == set(assets.AREAS)
    assert kept.mimetype == "text/css"
    assert all((assets.FOLDER / f"css/base/{area}.css").read_text() in style for area in areas)
    old = await browser.get("/static/000000000000/css/enertrack.css")
    assert old.status_code == 200
    assert "no-cache" in old.headers["Cache-Control"]
    assert (await browser.get(address.replace("enertrack.css", "../../app.py"))).status_code == 404


async def test_health(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/healthz")).status_code == 200
    ready = await browser.get("/readyz")
    assert ready.status_code == 503
    assert await ready.get_json() == {"tablas": True, "mediciones": True, "broker": False}
