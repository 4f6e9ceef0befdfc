"""Those who come to a route, and what they send."""

import pytest
from quart import Response

from enertrack.stores import users
from enertrack.stores.nodes import link_user
from enertrack.stores.tables import Role
from tests.web.access.table import Row
from tests.web.conftest import OWN, Browser, Site

SAFE = {"GET", "HEAD", "OPTIONS"}


def named(row: Row) -> str:
    return f"{row.method} {row.path}"


def rows(found: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", found, ids=named)


def fields(row: Row) -> dict[str, str]:
    """What a form of that row sends besides its proof."""
    return {name: str(value) for name, value in row.form.items()}


async def ask(browser: Browser, row: Row, meter: str = OWN, token: str | None = None, **headers: str) -> Response:
    """Send what a browser would send."""
    path = row.path.format(meter=meter)
    accept = {"Accept": "application/json"} if row.data else {}
    if row.bearer:
        return await browser.call(path, row.method, row.form if row.method not in SAFE else None, **headers)
    if row.method in SAFE:
        return await browser.get(path, **accept | headers)
    form = fields(row) | {"csrf": token or await browser.token()}
    return await browser.post(path, form, row.method, **accept | headers)


async def status(browser: Browser, row: Row) -> int:
    """What it answers with, a stream too."""
    if row.stream:
        bearer = {"Authorization": f"Bearer {browser.bearer}"} if row.bearer else {}
        return await browser.status(row.path.format(meter=OWN), Accept="text/event-stream", **bearer)
    return (await ask(browser, row)).status_code


async def person(site: Site, name: str) -> Browser:
    """Somebody signed in: ana owns the meter, carla manages it, dora looks at it, bruno is a stranger to it."""
    roles = {"carla": Role.GESTOR, "dora": Role.LECTOR}
    if name in roles or name == "alba":
        [ana] = [u for u in [await users.user_by_name(site.engine, "ana")] if u]
        number = await users.add_user(
            site.engine, nombre_usuario=name, password_hash=ana.password_hash, es_admin=name == "alba"
        )
        if name in roles:
            await link_user(site.engine, user_id=number, node_id=site.own, rol=roles[name])
        else:
            await site.give_second_factor(number)
    return await site.signed_in(name)
