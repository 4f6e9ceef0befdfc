"""Sign-ins."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import sessions
from enertrack.stores.database import connection
from enertrack.stores.tables import sesiones, usuarios
from enertrack.stores.users import add_user, user_by_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def person(engine: AsyncEngine, name: str = "ana") -> int:
    return await add_user(engine, nombre_usuario=name, password_hash="h")


async def signed_in(engine: AsyncEngine, user_id: int, now: datetime = NOW) -> str:
    return await sessions.create(engine, user_id, now=now, address="2001:db8::1", agent="Firefox")


async def test_a_token_finds_its_session(engine: AsyncEngine) -> None:
    user = await user_by_id(engine, await person(engine))
    assert user is not None
    token = await signed_in(engine, user.id)
    found = await sessions.find(engine, token, NOW)
    assert found == sessions.Session(
        id=hashlib.sha256(token.encode()).hexdigest()[:16],
        user=user,
        segundo_factor=False,
        creada=NOW,
        ultimo_uso=NOW,
        vence=NOW + sessions.LIFE,
        direccion="2001:db8::1",
        agente="Firefox",
    )


async def test_the_token_is_kept_nowhere(engine: AsyncEngine) -> None:
    token = await signed_in(engine, await person(engine))
    async with connection(engine) as conn:
        (row,) = await conn.execute(select(sesiones))
    assert len(token) >= 128 / 6
    assert token not in str(row)


@pytest.mark.parametrize("token", ["", "nada", "ñ", "\x00", "' OR 1=1 -- ", "\udcff", "x" * 10000])
async def test_another_token_finds_nothing(engine: AsyncEngine, token: str) -> None:
    await signed_in(engine, await person(engine))
    assert await sessions.find(engine, token, NOW) is None


async def test_a_hash_is_no_token(engine: AsyncEngine) -> None:
    await signed_in(engine, await person(engine))
    async with connection(engine) as conn:
        kept = await conn.scalar(select(sesiones.c.token_sha256))
    assert await sessions.find(engine, str(kept), NOW) is None


async def test_a_session_ends_when_it_is_not_used(engine: AsyncEngine) -> None:
    token = await signed_in(engine, await person(engine))
    assert await sessions.find(engine, token, NOW + sessions.IDLE - SECOND) is not None
    assert await sessions.find(engine, token, NOW + sessions.IDLE) is None


async def test_a_session_that_is_used_goes_on_but_not_for_ever(engine: AsyncEngine) -> None:
    token, now = await signed_in(engine, await person(engine)), NOW
    while now + sessions.IDLE / 2 < NOW + sessions.LIFE:
        now += sessions.IDLE / 2
        await sessions.touch(engine, token, now)
        assert await sessions.find(engine, token, now) is not None
    assert await sessions.find(engine, token, NOW + sessions.LIFE) is None


async def test_within_a_minute_use_is_not_written_again(engine: AsyncEngine) -> None:
    token = await signed_in(engine, await person(engine))
    await sessions.touch(engine, token, NOW + sessions.TOUCH - SECOND)
    found = await sessions.find(engine, token, NOW)
    assert found is not None
    assert found.ultimo_uso == NOW


async def test_signing_out_ends_that_session_only(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    one, other = await signed_in(engine, user_id), await signed_in(engine, user_id)
    await sessions.end(engine, one)
    assert await sessions.find(engine, one, NOW) is None
    assert await sessions.find(engine, other, NOW) is not None


async def test_all_sessions_of_a_person_end_but_the_one_that_asks_and_the_strangers(engine: AsyncEngine) -> None:
    owner, stranger = await person(engine, "ana"), await person(engine, "eva")
    asking, elsewhere, theirs = [await signed_in(engine, user_id) for user_id in (owner, owner, stranger)]
    await sessions.end_all(engine, owner, except_token=asking)
    in_force = [await sessions.find(engine, token, NOW) is not None for token in (asking, elsewhere, theirs)]
    assert in_force == [True, False, True]
    await sessions.end_all(engine, owner)
    assert await sessions.find(engine, asking, NOW) is None
    assert await sessions.find(engine, theirs, NOW) is not None


async def test_a_token_of_somebody_else_keeps_none_of_mine(engine: AsyncEngine) -> None:
    owner, stranger = await person(engine, "ana"), await person(engine, "eva")
    mine, theirs = await signed_in(engine, owner), await signed_in(engine, stranger)
    await sessions.end_all(engine, owner, except_token=theirs)
    assert await sessions.find(engine, mine, NOW) is None
    assert await sessions.find(engine, theirs, NOW) is not None


async def test_an_account_that_is_not_active_has_no_sessions(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    token = await signed_in(engine, user_id)
    async with connection(engine) as conn:
        await conn.execute(update(usuarios).where(usuarios.c.id == user_id).values(activo=False))
    assert await sessions.find(engine, token, NOW) is None


async def test_only_what_has_ended_is_forgotten(engine: AsyncEngine) -> None:
    user_id = await person(engine)
    old, young = await signed_in(engine, user_id), await signed_in(engine, user_id, NOW + sessions.IDLE)
    await sessions.forget_ended(engine, NOW + sessions.IDLE)
    async with connection(engine) as conn:
        assert len((await conn.execute(select(sesiones.c.creada))).all()) == 1
    assert await sessions.find(engine, old, NOW) is None
    assert await sessions.find(engine, young, NOW + sessions.IDLE) is not None


async def test_what_a_browser_calls_itself_is_cut_to_fit(engine: AsyncEngine) -> None:
    token = await sessions.create(engine, await person(engine), now=NOW, address=None, agent="á🙂" * 500)
    found = await sessions.find(engine, token, NOW)
    assert found is not None
    assert found.agente == ("á🙂" * 500)[: sessions.AGENT_LENGTH]


async def test_a_persons_sessions_are_told_without_their_tokens(engine: AsyncEngine) -> None:
    owner, other = await person(engine), await person(engine, "bruno")
    first, last = await signed_in(engine, owner), await signed_in(engine, owner, NOW + SECOND)
    await signed_in(engine, other)
    await signed_in(engine, owner, NOW - sessions.IDLE)
    found = await sessions.of_person(engine, owner, NOW + SECOND)
    assert [s.id for s in found] == [sessions.id_of(last), sessions.id_of(first)]
    assert (found[0].direccion, found[0].agente) == ("2001:db8::1", "Firefox")


async def test_a_session_is_ended_by_its_person_alone(engine: AsyncEngine) -> None:
    owner, other = await person(engine), await person(engine, "bruno")
    token, kept = await signed_in(engine, owner), await signed_in(engine, owner)
    name = sessions.id_of(token)
    for wrong in ("", name[:-1], name + "0", "%" * 16, "_" * 16, "ñ" * 16):
        assert not await sessions.end_one(engine, owner, wrong)
    assert not await sessions.end_one(engine, other, name)
    assert await sessions.find(engine, token, NOW) is not None
    assert await sessions.end_one(engine, owner, name)
    assert await sessions.find(engine, token, NOW) is None
    assert await sessions.find(engine, kept, NOW) is not None


async def test_of_too_many_that_which_was_not_used_for_longest_ends(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    ana, bruno = await person(engine), await person(engine, "bruno")
    others = await signed_in(engine, bruno)
    first, second, *_ = [await signed_in(engine, ana, NOW + timedelta(minutes=i)) for i in range(3)]
    later = NOW + timedelta(hours=1)
    await sessions.touch(engine, first, later)
    last = await signed_in(engine, ana, later)
    assert await sessions.find(engine, second, later) is None
    for token in (first, last, others):
        assert await sessions.find(engine, token, later) is not None
    assert len(await sessions.of_person(engine, ana, later)) == 3
