"""People's accounts."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.database import Taken
from enertrack.stores.users import (
    add_user,
    all_users,
    change,
    set_password_hash,
    user_by_id,
    user_by_mail,
    user_by_name,
)


async def test_an_account_is_read_as_it_was_made(engine: AsyncEngine) -> None:
    user_id = await add_user(
        engine, nombre_usuario="José", password_hash="h", correo="j@example.org", zona_horaria="Europe/Madrid"
    )
    user = await user_by_id(engine, user_id)
    assert user is not None
    assert (user.id, user.nombre_usuario, user.correo) == (user_id, "José", "j@example.org")
    assert (user.idioma, user.tema, user.zona_horaria) == ("es", "auto", "Europe/Madrid")
    assert user.activo is True
    assert user.es_admin is False
    assert await user_by_name(engine, "josé") == user


async def test_a_name_or_an_address_is_one_persons_whatever_its_case(engine: AsyncEngine) -> None:
    await add_user(engine, nombre_usuario="ana", password_hash="h", correo="ana@example.org")
    for name, address in (("ANA", None), ("otra", "Ana@Example.org")):
        with pytest.raises(Taken):
            await add_user(engine, nombre_usuario=name, password_hash="h", correo=address)


async def test_people_without_an_address_do_not_clash(engine: AsyncEngine) -> None:
    assert await add_user(engine, nombre_usuario="a", password_hash="h") != await add_user(
        engine, nombre_usuario="b", password_hash="h"
    )


async def test_nobody_is_none(engine: AsyncEngine) -> None:
    assert await user_by_name(engine, "nadie") is None
    assert await user_by_name(engine, "' OR 1=1 -- ") is None
    assert await user_by_id(engine, 1) is None


async def test_a_password_is_replaced_for_one_person_only(engine: AsyncEngine) -> None:
    one = await add_user(engine, nombre_usuario="a", password_hash="h1")
    other = await add_user(engine, nombre_usuario="b", password_hash="h2")
    await set_password_hash(engine, one, "nuevo")
    hashes = [user.password_hash for i in (one, other) if (user := await user_by_id(engine, i))]
    assert hashes == ["nuevo", "h2"]


async def test_an_account_is_found_by_its_address(engine: AsyncEngine) -> None:
    user_id = await add_user(engine, nombre_usuario="ana", password_hash="h", correo="ana@example.org")
    found = await user_by_mail(engine, "ANA@example.org")
    assert found
    assert found.id == user_id
    assert await user_by_mail(engine, "otra@example.org") is None


async def test_an_account_is_changed_but_not_into_anothers(engine: AsyncEngine) -> None:
    ana = await add_user(engine, nombre_usuario="ana", password_hash="h")
    await add_user(engine, nombre_usuario="bruno", password_hash="h", correo="b@example.org")
    await change(engine, ana, tema="oscuro", idioma="en")
    for taken in ({"nombre_usuario": "Bruno"}, {"correo": "B@example.org"}):
        with pytest.raises(Taken):
            await change(engine, ana, **taken)
    assert [(u.nombre_usuario, u.tema, u.idioma) for u in await all_users(engine)] == [
        ("ana", "oscuro", "en"),
        ("bruno", "auto", "es"),
    ]
