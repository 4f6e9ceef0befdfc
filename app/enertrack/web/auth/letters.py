"""What is written to people about their account, in their language, after the page has been answered."""

import logging
from typing import Final

from quart import current_app

from enertrack import log
from enertrack.settings import Settings
from enertrack.stores import mail
from enertrack.stores.mail import Letter, MailAway
from enertrack.stores.users import User
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext, speaking
from enertrack.web.services import services

PASSWORD: Final = lazy_gettext("La contraseña de su cuenta de EnerTrack es otra.")
ADDRESS: Final = lazy_gettext("El correo de su cuenta de EnerTrack es otro.")
FACTOR_ON: Final = lazy_gettext("Su cuenta de EnerTrack pide ahora un segundo factor.")
FACTOR_OFF: Final = lazy_gettext("Su cuenta de EnerTrack ya no pide un segundo factor.")

_log = logging.getLogger(__name__)


def confirm_address(to: str, link: str) -> Letter:
    """To an address that somebody says is theirs, so with nothing in it that somebody chose."""
    text = _(
        "Hola:\n\nPara usar este correo en su cuenta de EnerTrack, abra este enlace antes de un día:\n\n%(link)s\n\n"
        "Si no lo pidió usted, no haga nada.",
        link=link,
    )
    return Letter(to, _("Confirme su correo"), text)


def already_known(user: User, link: str) -> Letter:
    """To the owner of an address that somebody gave for another account."""
    text = _(
        "Hola, %(name)s:\n\nAlguien escribió este correo para otra cuenta de EnerTrack, pero ya es el de la suya."
        " Si fue usted y olvidó la contraseña, elija otra en:\n\n%(link)s\n\nSi no fue usted, no haga nada.",
        name=user.nombre_usuario,
        link=link,
    )
    return Letter(user.correo or "", _("Ya tiene una cuenta"), text)


def choose_another(user: User, link: str) -> Letter:
    """To who forgot their password."""
    text = _(
        "Hola, %(name)s:\n\nPara elegir otra contraseña, abra este enlace antes de una hora; sirve una sola vez:\n\n"
        "%(link)s\n\nSi no lo pidió usted, no haga nada: su contraseña sigue siendo la misma.",
        name=user.nombre_usuario,
        link=link,
    )
    return Letter(user.correo or "", _("Elija otra contraseña"), text)


def tell_change(user: User, what: str) -> None:
    """Say that what protects an account has changed, so that its person notices if it was not them."""
    if user.correo is None or not services().settings.sends_mail:
        return
    with speaking(user.idioma):
        text = _(
            "Hola, %(name)s:\n\n%(what)s\n\nSi no fue usted, elija otra contraseña cuanto antes, y en su perfil cierre"
            " las demás sesiones y anule los tokens que no conozca.",
            name=user.nombre_usuario,
            what=str(what),
        )
        letter = Letter(user.correo, _("Cambió la seguridad de su cuenta"), text)
    current_app.add_background_task(send, services().settings, letter)


async def send(settings: Settings, letter: Letter) -> None:
    """Send it; who asked for it sees nothing of how that went."""
    try:
        await mail.send(settings, letter)
    except MailAway as error:
        log.event(_log, logging.ERROR, "no se pudo enviar un correo", motivo=str(error))
