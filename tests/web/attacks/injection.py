"""Send a corpus through each parameter that a route reads, whichever those are."""

from typing import Any, ClassVar
from urllib.parse import quote

from quart import Quart
from quart.wrappers import Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.web.access.people import SAFE, ask, fields, person
from tests.web.access.table import Needs, Row
from tests.web.attacks.corpus import FLUX, NUMBERS, SQL
from tests.web.conftest import OWN, Browser, Site

ANYWHERE = SQL + FLUX
SLOW = ("clave", "actual", "password")
"""Fields whose values are hashed: a few are enough."""


class Told(ImmutableMultiDict[str, str]):
    """Parameters that remember what they were asked for."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self.names.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self.names.add(key)
        return super().getlist(key, *args, **kwargs)


class Listening(Request):
    """A request whose parameters are noted."""

    parameter_storage_class = Told


async def documented(browser: Browser, row: Row, path: str) -> set[str]:
    """The parameters that the API's own document names."""
    paths = (await (await browser.call("/api/v1/openapi.json")).get_json())["paths"]
    named = row.path.removeprefix("/api/v1").replace("{meter}", "{esp_id}")
    found: dict[str, Any] = next((v for k, v in paths.items() if k.removeprefix("/api/v1") == named), {})
    asked = found.get(row.method.lower(), {}).get("parameters", [])
    return {p["name"] for p in asked if p.get("in") == "query"} or ({"desde"} if "?" in path else set())


async def parameters(site: Site, browser: Browser, row: Row) -> list[str]:
    """What a route reads of an address or a form."""
    listen(site.app)
    Told.names.clear()
    await ask(browser, row)
    read = Told.names - {"csrf", "aviso"}
    return sorted(read | (await documented(browser, row, row.path) if row.bearer else set()))


def listen(app: Quart) -> None:
    app.request_class = Listening


async def visitor(site: Site, row: Row) -> Browser:
    """Whoever may come in."""
    if row.needs is Needs.NOBODY:
        return site.browser()
    return await person(site, "alba" if row.needs is Needs.ADMIN else "ana")


async def attack(site: Site, row: Row, browser: Browser) -> list[tuple[str, str, int]]:
    """Parameter, value and status of each attack that the route took for a fault of its own, or that changed people."""
    names = await parameters(site, browser, row)
    path, bad = row.path.format(meter=OWN), []
    token = await browser.token() if row.method not in SAFE and not row.bearer else ""
    for name in names:
        values = ANYWHERE[:2] if any(part in name for part in SLOW) else ANYWHERE
        for value in [*values, *(NUMBERS if row.method in SAFE else [])]:
            if row.method in SAFE:
                query = f"{path}?{quote(name)}={quote(value)}"
                answer = await (browser.call(query) if row.bearer else browser.get(query))
            else:
                form = fields(row) | {name: value, "csrf": token}
                answer = await browser.post(path, form, row.method)
            if answer.status_code == 500 or (answer.status_code == 503 and row.endpoint != "health.ready"):
                bad.append((name, value, answer.status_code))
    return bad


async def people(site: Site) -> list[tuple[object, ...]]:
    """The accounts, which no parameter may bring out or change."""
    async with site.engine.connect() as conn:
        query = "SELECT id, password_hash, es_admin, activo FROM Usuarios WHERE id <= 2 ORDER BY id"
        return [tuple(row) for row in await conn.exec_driver_sql(query)]
