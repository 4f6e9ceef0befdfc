"""What the demo's administrator has to look after: people who share the installation, and a doctor's word on it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.examination import Examination, State, finding, worst
from enertrack.domain.text import text as _
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
    night, newest, looked = (
        f"{now - age:%Y-%m-%d %H:%M}" for age in (timedelta(days=1), timedelta(), timedelta(minutes=4))
    )
    copy, trial = (
        _("última %(what)s: %(moment)s UTC", what=what, moment=night)
        for what in (_("copia"), _("prueba de restauración"))
    )
    well = {
        "nombres": _("%(name)s es %(address)s", name="energia.ejemplo.com", address="203.0.113.10"),
        "puertos": _("responden %(ports)s", ports="80, 443, 8883"),
        "certificados": _("puerto %(port)s: vence en %(days)s días", port=443, days=61),
        "servicios": _("%(count)s unidades activas", count=14),
        "broker": _("deja entrar y entrega"),
        "tablas": _("responde, en la revisión %(found)s", found="0002"),
        "mediciones": _("responde; última lectura %(moment)s UTC", moment=newest),
        "resumenes": _("revisados el %(moment)s UTC", moment=looked),
        "medidores": _("%(count)s envían", count=4),
        "paginas": _("responde, y los servidores de que depende también"),
        "ingesta": _("responde, y los servidores de que depende también"),
        "memoria": _("%(share)s disponible de %(whole)s GB", share="62%", whole="2.1"),
        "reloj": _("sincronizado, a %(off)s ms", off="0.4"),
        "respaldo": _("%(last)s, bien", last=copy),
        "ensayo": _("%(last)s, bien", last=trial),
    }
    room = finding(
        State.WARNING,
        _("%(place)s: %(share)s libre (%(room)s GB)", place="/", share="17%", room="6.8"),
        _("se llenará"),
        _("`du -xh --max-depth=2 %(place)s | sort -h | tail -20`; agrande el disco o quite lo que sobra", place="/"),
    )
    controls = {name: [finding(State.WELL, told)] for name, told in well.items()} | {"disco": [room]}
    return Examination(now, worst([f for found in controls.values() for f in found]), controls)
