"""An installation that sends mail, and what arrives."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from enertrack.settings import Settings
from tests.support.smtp import Server, Taken, listening
from tests.web.conftest import Site


@dataclass
class Post:
    """The letters of a site."""

    site: Site
    server: Server

    async def settle(self) -> None:
        """What goes on after an answer has ended."""
        await asyncio.gather(*self.site.app.background_tasks)

    async def letters(self) -> list[Taken]:
        await self.settle()
        return [self.server.letters.get_nowait() for _ in range(self.server.letters.qsize())]

    async def letter(self) -> Taken:
        [taken] = await self.letters()
        return taken


def path_in(letter: Taken) -> str:
    """Of the link, which leads to the configured name."""
    found = re.search(r"https://casa\.example(/\S+)", letter.text)
    assert found
    return found[1]


async def actions(site: Site) -> list[str]:
    """What was kept in the audit."""
    async with site.engine.connect() as conn:
        return [row[0] for row in await conn.exec_driver_sql("SELECT accion FROM Auditoria ORDER BY id")]


@pytest.fixture
def more_settings() -> dict[str, Any]:
    return {}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening() as made:
        yield made


@pytest.fixture
def settings(settings: Settings, server: Server, more_settings: dict[str, Any]) -> Settings:
    mail = {
        "dominio": "casa.example",
        "enertrack_smtp_host": "127.0.0.1",
        "enertrack_smtp_puerto": server.port,
        "enertrack_smtp_seguridad": "ninguna",
        "enertrack_smtp_remitente": "enertrack@casa.example",
    }
    return settings.model_copy(update=mail | more_settings)


@pytest.fixture
def post(site: Site, server: Server) -> Post:
    return Post(site, server)
