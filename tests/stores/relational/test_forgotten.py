"""Links by which a person chooses another password."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import forgotten, sessions, users
from enertrack.stores.database import connection
from enertrack.stores.tables import claves_olvidadas

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def person(engine: AsyncEngine, name: str = "ana") -> int:
    return await users.add_user(engine, nombre_usuario=name, password_hash="antes")


async def password(engine: AsyncEngine, user_id: int) -> str:
    user = await users.user_by_id(engine, user_id)
    assert user
    return user.password_hash


async def test_a_link_is_its_persons_for_an_hour(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    token = await forgotten.create(engine, user_id, NOW)
    found = await forgotten.find(engine, token, NOW + forgotten.LIFE - SECOND)
    assert found
    assert found.id == user_id
    assert await forgotten.find(engine, token, NOW + forgotten.LIFE) is None
    assert await forgotten.spend(engine, token, "nueva", NOW + forgotten.LIFE) is None
    assert await password(engine, user_id) == "antes"


async def test_it_is_used_once_and_ends_all_else(engine: AsyncEngine) -> None:
    user_id, other = await person(engine), await person(engine, "bruno")
    token, earlier, foreign = [await forgotten.create(engine, i, NOW) for i in (user_id, user_id, other)]
    session = await sessions.create(engine, user_id, now=NOW, address=None, agent=None)
    assert await forgotten.spend(engine, token, "nueva", NOW) == user_id
    assert await password(engine, user_id) == "nueva"
    assert await sessions.find(engine, session, NOW) is None
    for link in (token, earlier):
        assert await forgotten.spend(engine, link, "otra", NOW) is None
    assert await forgotten.find(engine, foreign, NOW) is not None


async def test_of_two_who_use_it_at_once_one_does(engine: AsyncEngine) -> None:
    token = await forgotten.create(engine, await person(engine), NOW)
    done = await asyncio.gather(*(forgotten.spend(engine, token, f"h{i}", NOW) for i in range(4)))
    assert sorted(d is not None for d in done) == [False, False, False, True]


async def test_an_inactive_person_has_no_link(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    token = await forgotten.create(engine, user_id, NOW)
    await users.change(engine, user_id, activo=False)
    assert await forgotten.find(engine, token, NOW) is None


@pytest.mark.parametrize("token", ["", "x", "ñ", "\udcff", "' OR 1=1 -- ", "x" * 9000])
async def test_another_token_is_none(engine: AsyncEngine, token: str) -> None:
    await forgotten.create(engine, await person(engine), NOW)
    assert await forgotten.find(engine, token, NOW) is None
    assert await forgotten.spend(engine, token, "h", NOW) is None


async def test_the_token_is_kept_nowhere(engine: AsyncEngine) -> None:
    token = await forgotten.create(engine, await person(engine), NOW)
    async with connection(engine) as conn:
        assert token not in str((await conn.execute(select(claves_olvidadas))).all())
