"""What is kept of what happened."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.stores.audit import record
from enertrack.stores.database import connection
from enertrack.stores.nodes import add_node
from enertrack.stores.tables import auditoria
from enertrack.stores.users import add_user

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


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
