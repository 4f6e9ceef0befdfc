"""MariaDB on another host: only over TLS, only with a certificate of the authority for that host's name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from enertrack.settings import load
from enertrack.stores.database import DatabaseAway, connection, create_engine, engine_of
from tests.support.authority import Authority
from tests.support.mariadb import Database, MariaDB
from tests.support.settings import INFLUX_AND_BROKER


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("autoridad"))


@pytest.fixture(scope="module")
def encrypted(authority: Authority) -> Iterator[Database]:
    """A database of a server that takes nobody in clear."""
    pair = authority.issue("IP:127.0.0.1")
    tls = (f"--ssl-cert={pair.certificate}", f"--ssl-key={pair.key}", "--require-secure-transport=ON")
    with MariaDB(options=tls) as server:
        server.create("b")
        yield Database(server, "b")


def variables(database: Database, authority: Authority) -> dict[str, str]:
    return INFLUX_AND_BROKER | database.environment | {"ENERTRACK_MYSQL_CA": str(authority.certificate)}


async def test_the_tables_are_reached_over_tls(encrypted: Database, authority: Authority) -> None:
    engine = create_engine(load(variables(encrypted, authority)))
    async with connection(engine) as conn:
        (_, cipher) = (await conn.execute(text("SHOW STATUS LIKE 'Ssl_cipher'"))).one()
    await engine.dispose()
    assert cipher


async def refused(environment: dict[str, str]) -> str:
    engine = create_engine(load(environment))
    with pytest.raises(DatabaseAway) as away:
        async with connection(engine):
            pass
    await engine.dispose()
    return str(away.value)


async def test_another_authority_or_another_name_is_refused_and_told(
    encrypted: Database, authority: Authority, tmp_path: Path
) -> None:
    told = await refused(variables(encrypted, Authority(tmp_path)))
    assert "ENERTRACK_MYSQL_CA" in told
    told = await refused(variables(encrypted, authority) | {"MYSQL_HOST": "localhost"})
    assert "MYSQL_HOST" in told
    assert "localhost" in told


async def test_a_server_without_tls_is_told_no_account(mariadb_database: Database, authority: Authority) -> None:
    assert "no TLS" in await refused(variables(mariadb_database, authority))


async def test_in_clear_the_server_refuses_us(encrypted: Database) -> None:
    engine = engine_of(encrypted.url)
    with pytest.raises(DatabaseAway):
        async with connection(engine):
            pass
    await engine.dispose()


def test_a_socket_needs_no_certificate(encrypted: Database, authority: Authority) -> None:
    socket = {"ENERTRACK_MYSQL_SOCKET": str(encrypted.server.socket)}
    assert "ssl_ca" not in load(variables(encrypted, authority) | socket).database_url
