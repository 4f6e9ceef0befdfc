"""The page as a program of a telephone."""

from quart import Response

from enertrack.web.assets import FOLDER
from tests.web.conftest import Site


async def got(site: Site, path: str) -> Response:
    answer = await site.browser().get(path)
    assert answer.status_code == 200
    return answer


async def test_the_manifest_names_icons_that_are_there(site: Site) -> None:
    answer = await got(site, "/manifest.webmanifest")
    manifest = await answer.get_json(force=True)
    assert answer.content_type == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert {"any", "maskable"} == {icon["purpose"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert (await got(site, icon["src"])).mimetype == icon["type"]
    for shortcut in manifest["shortcuts"]:
        assert (await site.browser().get(shortcut["url"])).status_code == 303


async def test_the_worker_is_asked_for_anew_each_time(site: Site) -> None:
    answer = await got(site, "/sw.js?v=x")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert answer.content_type.startswith("text/javascript")
    assert (await answer.get_data()) == (FOLDER / "js/worker.js").read_bytes()


async def test_the_page_without_network_is_about_nobody(site: Site) -> None:
    nobody, ana = site.browser(), await site.signed_in("ana")
    assert await nobody.text("/sin-conexion") == await ana.text("/sin-conexion")
