"""``/perfil/tokens``: a person's tokens for their own programs."""

from quart import Blueprint, abort, render_template
from quart.typing import ResponseReturnValue

from enertrack.stores.personal_tokens import Scope
from enertrack.web import notices
from enertrack.web.auth import session
from enertrack.web.forms import submitted
from enertrack.web.i18n import gettext as _
from enertrack.web.notices import NOTICES
from enertrack.web.profile import personal
from enertrack.web.profile.forms import TokenForm
from enertrack.web.profile.routes import shown

NOTICES["token_anulado"] = lambda: _("El token quedó anulado.")

blueprint = Blueprint("tokens", __name__, url_prefix="/perfil/tokens")
session.only_users(blueprint)


@blueprint.post("")
async def create() -> ResponseReturnValue:
    """Make one and show it this once."""
    form = await submitted(TokenForm, prefix="token-")
    if not form.validate():
        return await shown(422, token_form=form)
    scopes = {Scope.LEER, Scope(form.alcance.data)}
    made, secret = await personal.create(form.nombre.data or "", scopes, form.dias.data or None)
    return await render_template("profile/token.html", made=made, secret=secret)


@blueprint.post("/<row:number>/anular")
async def revoke(number: int) -> ResponseReturnValue:
    """It is worth nothing from now on."""
    if not await personal.revoke(number):
        abort(404)
    return notices.done("token_anulado", "profile.page", _anchor="tokens")
