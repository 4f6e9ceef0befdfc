"""What the demo's administrator has to look after: people who share the installation, and a doctor's word on it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.examination import Examination, Finding, State, worst
from enertrack.stores import people, users
from enertrack.stores.examination import FILE, keep
from enertrack.stores.people import NO_PASSWORD

EVERY_S: Final = 900
NEIGHBOURS: Final = {
    "lucia.ferreyra": "lucia@ejemplo.com",
    "martin.sosa": "martin@ejemplo.com",
    "herreria.sur": "taller@ejemplo.com",
    "nestor.vidal": None,
}
GONE: Final = "nestor.vidal"


async def move_in(engine: AsyncEngine) -> None:
    """Make the people who are missing; nobody can sign in as them."""
    for name, address in NEIGHBOURS.items():
        if await users.user_by_name(engine, name) is None:
            number = await users.add_user(engine, nombre_usuario=name, correo=address, password_hash=NO_PASSWORD)
            await people.set_active(engine, number, active=name != GONE)


async def doctor(folder: Path) -> None:
    """Leave an invented examination for the pages each quarter of an hour, as the real one would; never ends."""
    while True:
        keep(folder / FILE.name, invented(datetime.now(UTC)))
        await asyncio.sleep(EVERY_S)


def invented(now: datetime) -> Examination:
    """What a healthy installation looks like whose disk fills up."""
    night = f"{now - timedelta(days=1):%Y-%m-%d} 06:10 UTC"
    well = {
        "nombres": "energia.ejemplo.com es 203.0.113.10",
        "puertos": "responden 80, 443 y 8883, y ninguno más",
        "certificados": "servidos en 443 y 8883; vencen en 61 días",
        "servicios": "14 unidades activas",
        "broker": "deja entrar y entrega",
        "tablas": "responde, en la revisión actual",
        "mediciones": f"responde; última lectura {now:%Y-%m-%d %H:%M} UTC",
        "resumenes": f"revisados el {now - timedelta(minutes=4):%Y-%m-%d %H:%M} UTC",
        "medidores": "4 envían",
        "paginas": "listas",
        "ingesta": "lista",
        "memoria": "62% disponible de 2.1 GB",
        "reloj": "sincronizado, a 0.4 ms",
        "respaldo": f"última copia: {night}, bien. 214 MB",
        "ensayo": f"última prueba de restauración: {night}, bien. 4 medidores, iguales",
    }
    room = Finding(
        State.WARNING,
        "/: 17% libre (6.8 GB)",
        "se llenará",
        "`du -xh --max-depth=2 / | sort -h | tail -20`; agrande el disco o quite lo que sobra",
    )
    controls = {name: [Finding(State.WELL, told)] for name, told in well.items()} | {"disco": [room]}
    return Examination(now, worst([f for found in controls.values() for f in found]), controls)
