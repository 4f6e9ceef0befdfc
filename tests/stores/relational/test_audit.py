"""What is kept of what happened."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.audit import Sought, events, record
from enertrack.stores.database import connection
from enertrack.stores.nodes import add_node
from enertrack.stores.tables import auditoria
from enertrack.stores.users import add_user

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_events_are_kept_as_they_were_told(engine: AsyncEngine) -> None:
    user_id = await add_user(engine, nombre_usuario="ana", password_hash="h")
    node_id = await add_node(engine, esp_id="1265B7A0", nombre="Casa", zona_horaria="Europe/Madrid")
    detail = {"wh": 1.5, "motivo": "ñ", "antes": None}
    await record(engine, "ingreso", momento=NOON, usuario_id=user_id, nodo_id=node_id, direccion="::1", detalle=detail)
    await record(engine, "arranque", momento=NOON)
    async with connection(engine) as conn:
        rows = [tuple(row)[1:] for row in await conn.execute(select(auditoria).order_by(auditoria.c.id))]
    assert rows == [
        (NOON, "ingreso", user_id, node_id, "::1", detail),
        (NOON, "arranque", None, None, None, None),
    ]


async def test_events_are_told_newest_first_by_what_who_where_and_when(engine: AsyncEngine) -> None:
    user_id = await add_user(engine, nombre_usuario="ana", password_hash="h")
    node_id = await add_node(engine, esp_id="1265B7A0", nombre="Casa", zona_horaria="Europe/Madrid")
    await record(engine, "ingreso", momento=NOON, usuario_id=user_id)
    await record(engine, "nodo_baja", momento=NOON + HOUR, usuario_id=user_id, nodo_id=node_id, detalle={"n": 1})
    await record(engine, "arranque", momento=NOON + 2 * HOUR)

    async def told(sought: Sought) -> list[str]:
        return [event.accion for event in await events(engine, sought)]

    assert await told(Sought()) == ["arranque", "nodo_baja", "ingreso"]
    assert await told(Sought(accion="ingreso")) == await told(Sought(until=NOON + HOUR)) == ["ingreso"]
    assert await told(Sought(usuario="ANA")) == ["nodo_baja", "ingreso"]
    assert (
        await told(Sought(esp_id="1265B7A0"))
        == await told(Sought(since=NOON + HOUR, until=NOON + 2 * HOUR))
        == ["nodo_baja"]
    )
    newest, middle, _oldest = await events(engine, Sought())
    assert (newest.usuario, newest.nodo) == (None, None)
    assert (middle.usuario, middle.nodo, middle.esp_id, middle.detalle) == ("ana", "Casa", "1265B7A0", {"n": 1})
    assert [event.accion for event in await events(engine, Sought(), before=middle.id)] == ["ingreso"]
