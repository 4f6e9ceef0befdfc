"""How much a first visit loads, as nginx sends it; from this host alone, without a complaint of the browser."""

import gzip

import pytest
from playwright.async_api import Response

from tests.e2e.browser import Visit

LIMIT = 400_000
PACKED = ("text/css", "text/javascript", "application/json", "image/svg+xml")
"""What roles/web has nginx compress, of /static/ and of data; pages hold secrets and are sent as they are."""


async def weight(response: Response) -> int:
    """Bytes of an answer's body, as nginx sends it."""
    body = await response.body()
    kind = response.headers.get("content-type", "").split(";")[0]
    packs = kind in PACKED and ("/static/" in response.url or response.url.endswith("/datos"))
    return len(gzip.compress(body, 1)) if packs else len(body)


@pytest.mark.parametrize("place", ["/ingresar", "/", "meter", "magnitude", "/consumo", "/nodos", "/perfil", "/admin"])
async def test_a_first_visit_is_light(seen: Visit, place: str) -> None:
    if place != "/ingresar":
        await seen.enter("demo", "demo")
        meter = await seen.page.locator("[data-meter] a").first.get_attribute("href")
        place = {"meter": str(meter), "magnitude": f"{meter}/potencia"}.get(place, place)
    tools = await seen.page.context.new_cdp_session(seen.page)
    await tools.send("Network.clearBrowserCache")
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    seen.page.on("response", keep)
    await seen.open(place)
    await seen.page.evaluate("navigator.serviceWorker.ready")
    found = [a for a in answers if a.headers.get("content-type") != "text/event-stream"]
    total = sum([await weight(a) for a in found])
    print(f"{place}: {total} bytes in {len(found)} answers")  # noqa: T201 - the figure is what one wants to know
    assert 0 < total < LIMIT
    assert seen.complaints == []
