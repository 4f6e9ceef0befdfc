"""Those with whom the demo's owner shares a meter, and a meter that is out of service."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.demo.fleet import meter_id
from enertrack.demo.residents import PREFIX, USER, Resident
from enertrack.stores import users
from enertrack.stores.nodes import add_node, link_user, node_of, set_active
from enertrack.stores.people import NO_PASSWORD
from enertrack.stores.tables import Role

PEOPLE: Final = {"marta": Role.GESTOR, "julio": Role.LECTOR}
"""They see the first meter; nobody signs in as them."""
RETIRED: Final = meter_id(0xFFFF, PREFIX)


async def gather(engine: AsyncEngine, residents: list[Resident]) -> None:
    """Make what is missing of it, once."""
    owner = await users.user_by_name(engine, USER)
    if owner is None or await node_of(engine, RETIRED):
        return
    zone = residents[0].node.zona_horaria
    node_id = await add_node(engine, esp_id=RETIRED, nombre="Quinta", zona_horaria=zone, descripcion="Vendida en 2025")
    await link_user(engine, user_id=owner.id, node_id=node_id, rol=Role.PROPIETARIO)
    await set_active(engine, node_id, active=False)
    for name, rol in PEOPLE.items():
        number = await users.add_user(engine, nombre_usuario=name, password_hash=NO_PASSWORD, zona_horaria=zone)
        await link_user(engine, user_id=number, node_id=residents[0].node.id, rol=rol)
