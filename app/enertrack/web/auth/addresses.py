"""Where a person can be written to: an address is theirs once they have opened a link that was sent there.

So an account never has somebody else's address, and whoever writes one that is another account's already sees the same
as for any other: what is true is told by a letter, to its owner alone.
"""

from typing import Final

from quart import Blueprint, abort, current_app, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.settings import Settings
from enertrack.stores import users
from enertrack.stores.database import Taken
from enertrack.stores.users import User
from enertrack.web import audit, notices, signed
from enertrack.web.auth import letters
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import speaking
from enertrack.web.links import public_url
from enertrack.web.notices import NOTICES
from enertrack.web.services import services

LIFE_S: Final = 86_400
PURPOSE: Final = "correo"

NOTICES["correo"] = lambda: _("Su correo quedó confirmado.")
NOTICES["correo_pedido"] = lambda: _("Le enviamos un correo: abra su enlace para confirmar la dirección.")

blueprint = Blueprint("addresses", __name__)


def ask(user: User, address: str) -> None:
    """Write to an address that ``user`` says is theirs, once the page has been answered; rarely enough."""
    link = public_url(url_for("addresses.page", token=signed.sign(PURPOSE, [user.id, user.correo, address])))
    forgotten = public_url(url_for("recovery.page"))
    if services().guesses.take((f"carta:{user.id}", f"carta:{address.casefold()}")):
        current_app.add_background_task(_write, services().settings, user, address, link, forgotten)


async def _write(settings: Settings, user: User, address: str, link: str, forgotten: str) -> None:
    owner = await users.user_by_mail(services().engine, address)
    to = owner or user
    with speaking(to.idioma):
        known = letters.already_known(to, forgotten)
        letter = known if owner else letters.confirm_address(address, link)
    await letters.send(settings, letter)


@blueprint.get("/correo/<token>")
async def page(token: str) -> ResponseReturnValue:
    """A button, since programs that read mail open links too."""
    _user, address = await _meant(token)
    return await render_template("auth/address.html", address=address, token=token)


@blueprint.post("/correo/<token>")
async def confirm(token: str) -> ResponseReturnValue:
    """Make the address the account's, in place of the one that it had when this was asked for."""
    user, address = await _meant(token)
    try:
        await users.change(services().engine, user.id, correo=address)
    except Taken:  # another account of the same person was sooner
        return redirect(url_for("recovery.page"), 303)
    await audit.record("correo_cambiado", usuario_id=user.id)
    letters.tell_change(user, letters.ADDRESS)
    return notices.done("correo", "panel.page")


async def _meant(token: str) -> tuple[User, str]:
    """Whose link that is, and the address; 404 where it is worth nothing any more."""
    found = signed.read(PURPOSE, token, LIFE_S)
    user = await users.user_by_id(services().engine, found[0]) if found else None
    if found is None or user is None or not user.activo or user.correo != found[1]:
        abort(404)
    return user, found[2]
