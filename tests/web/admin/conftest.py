"""An administrator at the pages."""

import pytest

from enertrack.stores import users
from tests.web.access.people import person
from tests.web.conftest import Browser, Site


@pytest.fixture
async def alba(site: Site) -> Browser:
    """Alba, who administers."""
    return await person(site, "alba")


@pytest.fixture
async def bruno(site: Site) -> int:
    """The id of bruno's account."""
    found = await users.user_by_name(site.engine, "bruno")
    assert found
    return found.id


async def english(site: Site) -> None:
    """Have alba read in English."""
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET idioma = 'en' WHERE nombre_usuario = 'alba'")
