"""Second factors and recovery codes."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import second_factors, sessions
from enertrack.stores.database import connection
from enertrack.stores.second_factors import Factor
from enertrack.stores.tables import codigos_recuperacion
from enertrack.stores.users import add_user

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def person(engine: AsyncEngine, name: str = "ana", codes: tuple[str, ...] = ("uno", "dos")) -> int:
    user_id = await add_user(engine, nombre_usuario=name, password_hash="h")
    await second_factors.switch_on(engine, user_id, secreto="cifrado", paso=7, codes=codes, now=NOW)
    return user_id


async def test_one_that_is_switched_on_is_found(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    assert await second_factors.find(engine, user_id) == Factor("cifrado", 7, 2)
    token = await sessions.create(engine, user_id, now=NOW, address=None, agent=None)
    found = await sessions.find(engine, token, NOW)
    assert found
    assert found.segundo_factor is True


async def test_one_that_is_switched_off_is_gone(engine: AsyncEngine) -> None:
    mine, other = await person(engine), await person(engine, "bruno")
    await second_factors.switch_off(engine, mine)
    assert await second_factors.find(engine, mine) is None
    assert not await second_factors.take_code(engine, mine, "uno", NOW)
    assert await second_factors.find(engine, other) is not None


async def test_another_takes_the_place_of_the_one_before(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    await second_factors.switch_on(engine, user_id, secreto="otro", paso=9, codes=["tres"], now=NOW)
    assert await second_factors.find(engine, user_id) == Factor("otro", 9, 1)


async def test_a_step_is_used_once_and_no_earlier_one_after_it(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    taken = [await second_factors.take_step(engine, user_id, paso) for paso in (7, 8, 8, 6, 10, 9)]
    assert taken == [False, True, False, False, True, False]


async def test_of_two_who_bring_the_same_one_comes_in(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    steps = await asyncio.gather(*(second_factors.take_step(engine, user_id, 8) for _ in range(4)))
    codes = await asyncio.gather(*(second_factors.take_code(engine, user_id, "uno", NOW) for _ in range(4)))
    assert sorted(steps) == sorted(codes) == [False, False, False, True]


async def test_a_recovery_code_is_its_persons_and_used_once(engine: AsyncEngine) -> None:
    mine, other = await person(engine), await person(engine, "bruno", ("tres",))
    assert not await second_factors.take_code(engine, other, "uno", NOW)
    assert await second_factors.take_code(engine, mine, "uno", NOW)
    assert not await second_factors.take_code(engine, mine, "uno", NOW)
    assert await second_factors.find(engine, mine) == Factor("cifrado", 7, 1)


async def test_other_codes_make_those_before_worthless(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    await second_factors.renew_codes(engine, user_id, ["nuevo"])
    assert not await second_factors.take_code(engine, user_id, "dos", NOW)
    assert await second_factors.take_code(engine, user_id, "nuevo", NOW)


async def test_codes_are_kept_nowhere(engine: AsyncEngine) -> None:
    await person(engine, codes=("un código largo",))
    async with connection(engine) as conn:
        assert "largo" not in str((await conn.execute(select(codigos_recuperacion))).all())
