"""Personal tokens."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import personal_tokens, second_factors, sessions
from enertrack.stores.database import connection
from enertrack.stores.personal_tokens import Scope, Token
from enertrack.stores.tables import tokens_api, usuarios
from enertrack.stores.users import add_user, user_by_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def person(engine: AsyncEngine, name: str = "ana") -> int:
    return await add_user(engine, nombre_usuario=name, password_hash="h")


async def token_of(engine: AsyncEngine, user_id: int, vence: datetime | None = None) -> tuple[int, str]:
    return await personal_tokens.create(
        engine, user_id, nombre="Planilla", alcances=[Scope.LEER, Scope.GESTIONAR], vence=vence, now=NOW
    )


async def test_a_token_finds_its_person(engine: AsyncEngine) -> None:
    ana = await user_by_id(engine, await person(engine))
    assert ana
    number, secret = await token_of(engine, ana.id)
    scopes = frozenset(Scope)
    told = Token(id=number, nombre="Planilla", alcances=scopes, creado=NOW, vence=None, ultimo_uso=None)
    found = await personal_tokens.find(engine, secret, NOW)
    assert found == personal_tokens.Bearer(token=told, user=ana, segundo_factor=False)
    assert await personal_tokens.of_person(engine, ana.id, NOW) == [told]
    await second_factors.switch_on(engine, ana.id, secreto="s", paso=0, codes=["reserva"], now=NOW)
    found = await personal_tokens.find(engine, secret, NOW)
    assert found
    assert found.segundo_factor


async def test_it_is_kept_nowhere(engine: AsyncEngine) -> None:
    _, secret = await token_of(engine, await person(engine))
    async with connection(engine) as conn:
        [row] = (await conn.execute(select(tokens_api))).all()
    assert secret not in str(row)


async def test_each_end_of_it(engine: AsyncEngine) -> None:
    ana, bruno = await person(engine), await person(engine, "bruno")
    _, dated = await token_of(engine, ana, NOW + SECOND)
    assert await personal_tokens.find(engine, dated, NOW)
    assert await personal_tokens.find(engine, dated, NOW + SECOND) is None
    number, revoked = await token_of(engine, ana)
    assert not await personal_tokens.revoke(engine, bruno, number, NOW)
    assert await personal_tokens.revoke(engine, ana, number, NOW)
    assert not await personal_tokens.revoke(engine, ana, number, NOW)
    assert await personal_tokens.find(engine, revoked, NOW) is None
    assert await personal_tokens.of_person(engine, ana, NOW + SECOND) == []
    _, left = await token_of(engine, ana)
    async with connection(engine) as conn:
        await conn.execute(update(usuarios).where(usuarios.c.id == ana).values(activo=False))
    assert await personal_tokens.find(engine, left, NOW) is None


async def test_a_session_is_found_by_its_id_for_its_person_alone(engine: AsyncEngine) -> None:
    ana, bruno = await person(engine), await person(engine, "bruno")
    token = await sessions.create(engine, ana, now=NOW, address=None, agent=None)
    number = sessions.id_of(token)
    assert await sessions.find_one(engine, ana, number, NOW) == await sessions.find(engine, token, NOW)
    assert await sessions.find_one(engine, bruno, number, NOW) is None
    assert await sessions.find_one(engine, ana, number, NOW + sessions.IDLE) is None
    for other in ("", "%", "_" * 16, number[:15], number + "0", number.upper() + " "):
        assert await sessions.find_one(engine, ana, other, NOW) is None
