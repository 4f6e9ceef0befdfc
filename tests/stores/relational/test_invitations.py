"""Invitations: once, for a while, and only to give what their sender has."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import invitations
from enertrack.stores.database import connection, transaction
from enertrack.stores.invitations import LIFE, Closed, Invitation
from enertrack.stores.nodes import Membership, add_node, link_user, membership, memberships, set_active, unlink_user
from enertrack.stores.people import OnlyOwner, remove
from enertrack.stores.tables import Role, invitaciones, nodos, usuarios
from enertrack.stores.users import add_user

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOARD = "A0B1C2D3E4F5"


@pytest.fixture
async def people(engine: AsyncEngine) -> dict[str, int]:
    """ana, whose node it is, bruno and carla."""
    ids = {n: await add_user(engine, nombre_usuario=n, password_hash="h") for n in ("ana", "bruno", "carla")}
    ids["node"] = await add_node(engine, esp_id=BOARD, nombre="Casa", zona_horaria="UTC")
    await link_user(engine, user_id=ids["ana"], node_id=ids["node"], rol=Role.PROPIETARIO)
    return ids


async def invite(engine: AsyncEngine, ids: dict[str, int], rol: Role = Role.LECTOR, *, history: bool = True) -> str:
    return await invitations.create(
        engine, invited_by=ids["ana"], node_id=ids["node"], rol=rol, con_historia=history, now=NOW
    )


async def accept(engine: AsyncEngine, token: str, user_id: int, now: datetime = NOW) -> Invitation:
    async with transaction(engine) as conn:
        return await invitations.accept(conn, token, user_id=user_id, now=now)


async def link(engine: AsyncEngine, user_id: int) -> Membership | None:
    return await membership(engine, user_id, BOARD)


async def test_who_accepts_has_the_role_that_was_offered(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people, Role.GESTOR)
    shown = await invitations.find(engine, token, NOW)
    assert shown is not None
    assert (shown.rol, shown.invitador, shown.nodo, shown.esp_id) == (Role.GESTOR, "ana", "Casa", BOARD)
    assert await accept(engine, token, people["bruno"]) == shown
    mine = await link(engine, people["bruno"])
    assert mine is not None
    assert (mine.rol, mine.desde) == (Role.GESTOR, None)


async def test_the_token_is_not_in_the_table(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people)
    async with connection(engine) as conn:
        assert token not in str((await conn.execute(select(invitaciones))).all())


async def test_it_works_once(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people)
    await accept(engine, token, people["bruno"])
    assert await invitations.find(engine, token, NOW) is None
    with pytest.raises(Closed):
        await accept(engine, token, people["carla"])
    assert await link(engine, people["carla"]) is None


async def test_of_two_who_accept_at_once_one_does(engine: AsyncEngine, people: dict[str, int]) -> None:
    for rol in (Role.LECTOR, Role.PROPIETARIO):
        token = await invite(engine, people, rol)
        both = [accept(engine, token, people[name]) for name in ("bruno", "carla")]
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert {type(a) for a in answers} == {Invitation, Closed}


async def test_of_two_hand_overs_that_are_accepted_at_once_one_is(engine: AsyncEngine, people: dict[str, int]) -> None:
    tokens = [await invite(engine, people, Role.PROPIETARIO) for _ in range(2)]
    both = [accept(engine, t, people[name]) for t, name in zip(tokens, ("bruno", "carla"), strict=True)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert {type(a) for a in answers} == {Invitation, Closed}
    owners = [n for n in ("ana", "bruno", "carla") if await link(engine, people[n])]
    assert len(owners) == 1


async def test_who_accepts_and_goes_at_once_does_one_of_both(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people, Role.PROPIETARIO)
    both = (accept(engine, token, people["bruno"]), remove(engine, people["bruno"], NOW))
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert [type(a) for a in answers] in ([Invitation, OnlyOwner], [Closed, type(None)])
    owners = [n for n in ("ana", "bruno") if await link(engine, people[n])]
    assert owners == (["bruno"] if isinstance(answers[0], Invitation) else ["ana"])


async def test_who_has_gone_accepts_nothing(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people, Role.PROPIETARIO)
    await remove(engine, people["bruno"], NOW)
    with pytest.raises(Closed):
        await accept(engine, token, people["bruno"])
    assert await link(engine, people["ana"])


@pytest.mark.parametrize("what", ["run out", "withdrawn", "sold", "out of service", "sender locked", "own", "unknown"])
async def test_what_closes_it(engine: AsyncEngine, people: dict[str, int], what: str) -> None:
    token, who, when = await invite(engine, people), people["bruno"], NOW
    if what == "run out":
        when = NOW + LIFE
    elif what == "withdrawn":
        [one] = await invitations.of_node(engine, people["node"], NOW)
        assert await invitations.revoke(engine, one.id, people["node"], NOW)
        assert not await invitations.revoke(engine, one.id, people["node"], NOW)
    elif what == "sold":
        await unlink_user(engine, user_id=people["ana"], node_id=people["node"])
    elif what == "out of service":
        await set_active(engine, people["node"], active=False)
    elif what == "sender locked":
        async with connection(engine) as conn:
            await conn.execute(update(usuarios).where(usuarios.c.nombre_usuario == "ana").values(activo=False))
    elif what == "own":
        who = people["ana"]
    else:
        token = "ñ" * 43
    with pytest.raises(Closed):
        await accept(engine, token, who, when)
    assert await link(engine, people["bruno"]) is None
    mine = await memberships(engine, people["ana"])
    assert [m.rol for m in mine] == ([] if what == "sold" else [Role.PROPIETARIO])


async def test_only_the_invitations_to_that_node_are_withdrawn(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invite(engine, people)
    [one] = await invitations.of_node(engine, people["node"], NOW)
    for other in (None, people["node"] + 1):
        assert not await invitations.revoke(engine, one.id, other, NOW)
    assert await invitations.find(engine, token, NOW)


async def test_to_an_account_it_names_no_node(engine: AsyncEngine, people: dict[str, int]) -> None:
    token = await invitations.create(engine, invited_by=people["ana"], correo="eva@ejemplo.com", now=NOW)
    [one] = await invitations.of_node(engine, None, NOW)
    assert (one.nodo, one.correo, one.vence) == (None, "eva@ejemplo.com", NOW + LIFE)
    assert await accept(engine, token, people["bruno"]) == one
    assert await invitations.of_node(engine, None, NOW) == []


async def test_a_node_that_is_handed_over_is_nobody_elses(engine: AsyncEngine, people: dict[str, int]) -> None:
    await link_user(engine, user_id=people["carla"], node_id=people["node"], rol=Role.GESTOR)
    sub = await add_node(engine, esp_id="A0B1C2D3E4F6", nombre="Horno", zona_horaria="UTC")
    async with connection(engine) as conn:
        await conn.execute(update(nodos).where(nodos.c.id == sub).values(padre_id=people["node"]))
    other = await invite(engine, people)
    await accept(engine, await invite(engine, people, Role.PROPIETARIO, history=False), people["bruno"])
    mine = await link(engine, people["bruno"])
    assert mine is not None
    assert (mine.rol, mine.desde) == (Role.PROPIETARIO, NOW)
    assert await link(engine, people["ana"]) is None
    assert await link(engine, people["carla"]) is None
    assert await invitations.find(engine, other, NOW) is None
    async with connection(engine) as conn:
        assert await conn.scalar(select(nodos.c.padre_id).where(nodos.c.id == sub)) is None


@pytest.mark.parametrize("rol", [Role.LECTOR, Role.PROPIETARIO])
async def test_nobody_gives_more_history_than_they_see(engine: AsyncEngine, people: dict[str, int], rol: Role) -> None:
    since = NOW - timedelta(days=3)
    await link_user(engine, user_id=people["ana"], node_id=people["node"], rol=Role.PROPIETARIO, desde=since)
    await accept(engine, await invite(engine, people, rol), people["bruno"])
    mine = await link(engine, people["bruno"])
    assert mine is not None
    assert mine.desde == since


async def test_nobody_loses_by_accepting(engine: AsyncEngine, people: dict[str, int]) -> None:
    since = NOW - timedelta(days=3)
    bruno = {"user_id": people["bruno"], "node_id": people["node"]}
    await link_user(engine, **bruno, rol=Role.GESTOR, ubicacion="Sótano", desde=since)
    await accept(engine, await invite(engine, people, Role.LECTOR, history=False), people["bruno"])
    mine = await link(engine, people["bruno"])
    assert mine is not None
    assert (mine.rol, mine.desde, mine.ubicacion) == (Role.GESTOR, since, "Sótano")


async def test_who_had_left_begins_anew(engine: AsyncEngine, people: dict[str, int]) -> None:
    await link_user(engine, user_id=people["bruno"], node_id=people["node"], rol=Role.GESTOR)
    await unlink_user(engine, user_id=people["bruno"], node_id=people["node"])
    await accept(engine, await invite(engine, people, Role.LECTOR, history=False), people["bruno"])
    mine = await link(engine, people["bruno"])
    assert mine is not None
    assert (mine.rol, mine.desde) == (Role.LECTOR, NOW)
