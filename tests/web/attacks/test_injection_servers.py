"""The same corpus before real servers, whose languages are what it is written in."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from enertrack.domain.reading import Reading
from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.protocol import Measurements
from enertrack.stores.migration import upgrade
from tests.support.influxd import Influxd
from tests.support.mariadb import Database
from tests.web.access.people import SAFE, named, person
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs
from tests.web.attacks.injection import attack, people
from tests.web.conftest import NOW, Site

READ = [
    row for row in ROWS if row.method in SAFE and not row.stream and not row.endpoint.startswith(("assets.", "pwa."))
]


@pytest.fixture
def database_url(mariadb_database: Database) -> str:
    asyncio.run(upgrade(mariadb_database.url))
    return mariadb_database.url


@pytest.fixture
async def store(influxd_server: Influxd) -> AsyncIterator[Measurements]:
    kept = Influx(influxd_server.url, influxd_server.token, influxd_server.org, influxd_server.new_bucket(), 10)
    yield kept
    await kept.close()


async def test_addresses_on_real_servers(site: Site) -> None:
    """In one test, since the servers' tables take their time."""
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100, tension=231.4)])
    ana, alba, stranger = await site.signed_in("ana"), await person(site, "alba"), site.browser()
    who = {Needs.NOBODY: stranger, Needs.ADMIN: alba}
    before = await people(site)
    bad = {named(row): found for row in READ if (found := await attack(site, row, who.get(row.needs, ana)))}
    assert bad == {}
    assert await people(site) == before
    [latest] = (await site.store.latest([site.own], 0)).values()
    assert latest.tension == 231.4
