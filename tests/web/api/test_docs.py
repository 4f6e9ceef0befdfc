"""The document as a page, and that nothing in it leads nowhere."""

import json
import re

from tests.web.conftest import Site


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
