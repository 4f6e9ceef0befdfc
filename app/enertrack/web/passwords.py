"""Passwords that people choose: what is wrong with one, said to them."""

import asyncio
from typing import Final

import wtforms
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.domain.strength import LONGEST, SHORTEST, Weakness, weakness
from enertrack.stores import people
from enertrack.stores.database import transaction
from enertrack.stores.passwords import hash_password
from enertrack.web.forms import length, required
from enertrack.web.i18n import lazy_gettext as _

LENGTH: Final = _("Use entre 8 y 128 caracteres, los que quiera.")
HINT: Final = _("8 o más caracteres cualesquiera. Varias palabras poco comunes se recuerdan bien y se adivinan mal.")
TEXTS: Final = {
    Weakness.SHORT: LENGTH,
    Weakness.LONG: LENGTH,
    Weakness.PERSONAL: _("No debe contener su nombre de usuario ni su correo."),
    Weakness.COMMON: _("Se parece a una de las contraseñas más usadas: es de las primeras que se prueban."),
    Weakness.NAME: _("Los nombres y apellidos se adivinan pronto: agregue palabras poco comunes."),
    Weakness.KEYBOARD: _("Las teclas vecinas se adivinan pronto: use varias palabras poco comunes."),
    Weakness.REPEATED: _("Repetir letras o palabras no la hace más segura: use otras, poco comunes."),
    Weakness.SEQUENCE: _("Las series como abcd o 4321 se adivinan pronto: use varias palabras poco comunes."),
    Weakness.DATE: _("Las fechas y los años se adivinan pronto: use varias palabras poco comunes."),
    Weakness.GUESSABLE: _("Es fácil de adivinar: agregue una o dos palabras poco comunes."),
}


def new_password(label: str) -> wtforms.PasswordField:
    """The field for one that is chosen."""
    return wtforms.PasswordField(
        label,
        [required(), length(SHORTEST, LONGEST, LENGTH)],
        description=HINT,
        # Without maxlength: a browser would cut what is pasted, and nobody would know the password that was kept.
        render_kw={"autocomplete": "new-password", "data-reveal": "", "maxlength": False},
    )


def present_password(label: str) -> wtforms.PasswordField:
    """The field for the one that a person has."""
    return wtforms.PasswordField(label, [required()], render_kw={"autocomplete": "current-password", "maxlength": 1024})


async def fault(password: str, *personal: str | None) -> str | None:
    """What is wrong with a password of whom ``personal`` names, in the reader's language."""
    found = await asyncio.to_thread(weakness, password, [text for text in personal if text])
    return str(TEXTS[found]) if found else None


async def replace(engine: AsyncEngine, user_id: int, password: str, keep: str | None = None) -> None:
    """Another password, which ends a person's sessions but that of ``keep``, and their links to choose one."""
    hashed = await hash_password(password)
    async with transaction(engine) as conn:
        await people.replace_password(conn, user_id, hashed, keep)
