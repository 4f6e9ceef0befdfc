"""A program that asks the API."""

from dataclasses import dataclass
from typing import Any

import pytest
from quart import Response

from enertrack.stores import users
from tests.web.conftest import PASSWORD, Browser, Site

API = "/api/v1"


@dataclass
class Program:
    """Asks with a token in its header."""

    browser: Browser

    async def ask(self, path: str, method: str = "GET", body: object = None, status: int = 200) -> Any:  # noqa: ANN401
        """The JSON of the answer, None where it has none; every refusal must be a problem."""
        answer: Response = await self.browser.call(API + path, method, body)
        assert answer.status_code == status, await answer.get_data(as_text=True)
        if status >= 400:
            assert answer.content_type == "application/problem+json"
        data = await answer.get_data(as_text=False)
        return await answer.get_json(force=True) if data else None

    async def enter(self, name: str = "ana", **more: str) -> dict[str, Any]:
        """Sign in, and go on with that token."""
        session: dict[str, Any] = await self.ask("/sesion", "POST", {"usuario": name, "clave": PASSWORD} | more)
        self.browser.bearer = session["acceso"]
        return session


@pytest.fixture
async def program(site: Site) -> Program:
    """Signed in as ana."""
    return Program(await site.signed_in("ana"))


@pytest.fixture
def stranger(site: Site) -> Program:
    """Without a token."""
    return Program(site.browser())


async def id_of(site: Site, name: str) -> int:
    found = await users.user_by_name(site.engine, name)
    assert found
    return found.id
