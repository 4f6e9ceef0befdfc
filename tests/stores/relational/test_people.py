"""What happens to an account as a whole."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores import (
    forgotten,
    invitations,
    nodes,
    people,
    personal_tokens,
    second_factors,
    sessions,
    users,
)
from enertrack.stores.database import connection
from enertrack.stores.personal_tokens import Scope
from enertrack.stores.tables import Role, metadata
from enertrack.stores.users import User

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def person(engine: AsyncEngine, name: str = "ana", *, admin: bool = False) -> int:
    mail = f"{name}@ejemplo.example"
    return await users.add_user(engine, nombre_usuario=name, password_hash="secreto", correo=mail, es_admin=admin)


async def row(engine: AsyncEngine, user_id: int) -> User:
    user = await users.user_by_id(engine, user_id)
    assert user
    return user


async def meter(engine: AsyncEngine, esp_id: str, *owners: int, role: Role = Role.PROPIETARIO) -> int:
    node_id = await nodes.add_node(engine, esp_id=esp_id, nombre=f"Casa {esp_id}", zona_horaria="UTC")
    for owner in owners:
        await nodes.link_user(engine, user_id=owner, node_id=node_id, rol=role)
    return node_id


async def test_nothing_of_a_person_who_went_is_left(engine: AsyncEngine) -> None:
    ana = await person(engine)
    await meter(engine, "A0B76512C4D0", ana, role=Role.LECTOR)
    await second_factors.switch_on(engine, ana, secreto="cifrado", paso=1, codes=["uno"], now=NOW)
    session = await sessions.create(engine, ana, now=NOW, address="203.0.113.7", agent="Navegador")
    _, token = await personal_tokens.create(engine, ana, nombre="Planilla", alcances=[Scope.LEER], vence=None, now=NOW)
    link = await forgotten.create(engine, ana, NOW)
    invitation = await invitations.create(engine, invited_by=ana, now=NOW)
    await people.remove(engine, ana, NOW)
    gone = await row(engine, ana)
    assert (gone.nombre_usuario, gone.correo, gone.activo) == (f"eliminado-{ana}", None, False)
    async with connection(engine) as conn:
        all_rows = str([(await conn.execute(select(table))).all() for table in metadata.sorted_tables])
    for personal in ("'ana'", "ana@ejemplo", "secreto'", "cifrado", "203.0.113.7", "Navegador"):
        assert personal not in all_rows
    await users.change(engine, ana, activo=True)  # what was given out is worth nothing by itself
    assert await sessions.find(engine, session, NOW) is None
    assert await personal_tokens.find(engine, token, NOW) is None
    assert await forgotten.find(engine, link, NOW) is None
    assert await invitations.find(engine, invitation, NOW) is None
    assert await second_factors.find(engine, ana) is None
    assert await nodes.memberships(engine, ana) == []


@pytest.mark.parametrize("name", ["eliminado-{}", "elíminado-{}", "eliminadø-{}"])
async def test_nobody_can_keep_another_from_going(engine: AsyncEngine, name: str) -> None:
    """By having the name that their account would get, as the database compares names."""
    ana = await person(engine)
    await person(engine, name.format(ana))
    await people.remove(engine, ana, NOW)
    assert (await row(engine, ana)).nombre_usuario.startswith(f"eliminado-{ana}")


async def test_name_and_address_are_free_again(engine: AsyncEngine) -> None:
    await people.remove(engine, await person(engine), NOW)
    assert await person(engine)


async def test_who_owns_a_meter_alone_stays_until_it_is_anothers_or_out_of_service(engine: AsyncEngine) -> None:
    ana, bruno = await person(engine), await person(engine, "bruno")
    shared = await meter(engine, "A0B76512C4D0", ana, bruno)
    alone = await meter(engine, "A0B76512C4D1", ana)
    with pytest.raises(people.OnlyOwner) as refused:
        await people.remove(engine, ana, NOW)
    assert refused.value.args == ("Casa A0B76512C4D1",)
    assert (await row(engine, ana)).activo
    await nodes.set_active(engine, alone, active=False)
    await people.remove(engine, ana, NOW)
    with pytest.raises(people.OnlyOwner):
        await people.remove(engine, bruno, NOW)
    assert shared


async def test_an_owner_who_cannot_come_in_does_not_count(engine: AsyncEngine) -> None:
    ana, bruno = await person(engine), await person(engine, "bruno")
    await meter(engine, "A0B76512C4D0", ana, bruno)
    await people.set_active(engine, bruno, active=False)
    with pytest.raises(people.OnlyOwner):
        await people.remove(engine, ana, NOW)


async def test_of_two_owners_who_go_at_once_one_stays(engine: AsyncEngine) -> None:
    pair = [await person(engine), await person(engine, "bruno")]
    await meter(engine, "A0B76512C4D0", *pair)
    done = await asyncio.gather(*(people.remove(engine, i, NOW) for i in pair), return_exceptions=True)
    assert sorted(type(d).__name__ for d in done) in (["NoneType", "OnlyOwner"], ["DatabaseAway", "NoneType"])


async def test_somebody_administers_always(engine: AsyncEngine) -> None:
    ana, bruno = await person(engine, admin=True), await person(engine, "bruno")
    for change in (
        people.remove(engine, ana, NOW),
        people.set_active(engine, ana, active=False),
        people.set_admin(engine, ana, admin=False),
    ):
        with pytest.raises(people.LastAdministrator):
            await change
    await people.set_admin(engine, bruno, admin=True)
    await people.set_active(engine, ana, active=False)
    with pytest.raises(people.LastAdministrator):
        await people.set_admin(engine, bruno, admin=False)


async def test_who_administers_no_more_signs_in_anew(engine: AsyncEngine) -> None:
    ana, _other = await person(engine, admin=True), await person(engine, "bruno", admin=True)
    token = await sessions.create(engine, ana, now=NOW, address=None, agent=None)
    await people.set_admin(engine, ana, admin=False)
    assert await sessions.find(engine, token, NOW) is None
    assert not (await row(engine, ana)).es_admin


async def test_who_is_shut_out_is_out_at_once(engine: AsyncEngine) -> None:
    ana = await person(engine)
    token = await sessions.create(engine, ana, now=NOW, address=None, agent=None)
    await people.set_active(engine, ana, active=False)
    await people.set_active(engine, ana, active=True)
    assert await sessions.find(engine, token, NOW) is None
