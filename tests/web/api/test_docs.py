"""The document as a page, and that nothing in it leads nowhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.web.conftest import Browser, Site

SAID = {"summary", "description", "bearerFormat"}


def texts(part: Any, place: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever JSON holds
    """What people read in the document, and where."""
    named = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in named:
        if name in SAID and isinstance(value, str):
            yield f"{place}/{name}", value
        yield from texts(value, f"{place}/{name}")


async def read(browser: Browser, language: str) -> dict[str, str]:
    """All that it says to who asks in that language."""
    answer = await browser.call("/api/v1/openapi.json", **{"Accept-Language": language})
    return dict(texts(await answer.get_json()))


async def speaks_english(site: Site, name: str) -> None:
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET idioma = 'en' WHERE nombre_usuario = ?", (name,))


async def test_every_reference_is_there(site: Site) -> None:
    answer = await site.browser().get("/api/v1/openapi.json")
    text = await answer.get_data(as_text=True)
    schemas = json.loads(text)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(schemas)


async def test_every_route_says_what_it_is_for(site: Site) -> None:
    document = json.loads(await (await site.browser().get("/api/v1/openapi.json")).get_data(as_text=True))
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


async def test_the_page_loads_only_what_is_ours(site: Site) -> None:
    page = await site.browser().text("/api/v1/docs")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any("swagger-ui.js" in a for a in addresses)
    assert all(a.startswith(("/", "#")) for a in addresses)
    assert not re.search(r"<script(?![^>]*src=)", page)
    start = await site.browser().text("/ingresar")
    assert "swagger" not in start


async def test_who_is_signed_in_stays_so_on_the_page(site: Site) -> None:
    page = await (await site.signed_in("ana")).text("/api/v1/docs")
    assert re.search(r"Cuenta de</span>\s*ana", page)
    assert "Cuenta de" not in await site.browser().text("/api/v1/docs")


async def test_document_is_in_the_readers_language(site: Site) -> None:
    spanish, english = [await read(site.browser(), language) for language in ("es-AR,es;q=0.9", "en-GB,en;q=0.9")]
    assert spanish.keys() == english.keys()
    assert [place for place, said in spanish.items() if said == english[place]] == []
    assert await read(site.browser(), "fr") == spanish


async def test_document_is_in_the_language_of_whose_token_it_is(site: Site) -> None:
    await speaks_english(site, "ana")
    assert await read(await site.signed_in("ana"), "es") == await read(site.browser(), "en")


async def test_page_is_in_the_readers_language(site: Site) -> None:
    """Its script asks for the document in the page's language."""
    await speaks_english(site, "ana")
    languages = re.compile(r'\blang="(\w+)"')
    assert set(languages.findall(await (await site.signed_in("ana")).text("/api/v1/docs"))) == {"en"}
    assert set(languages.findall(await site.browser().text("/api/v1/docs"))) == {"es"}


async def test_problems_are_in_the_readers_language(site: Site) -> None:
    await speaks_english(site, "ana")
    ana, stranger = await site.signed_in("ana"), site.browser()
    unknown = await (await ana.call("/api/v1/medidores/A0B76512FFFF")).get_json()
    assert (unknown["title"], unknown["status"]) == ("Not Found", 404)
    refused = await (await stranger.call("/api/v1/yo", **{"Accept-Language": "en"})).get_json()
    assert refused["title"] == "Unauthorized"
    assert (await (await stranger.call("/api/v1/yo")).get_json())["title"] == "Sin autenticar"
