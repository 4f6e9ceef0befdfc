"""``/admin/invitaciones``: links by which people make their account."""

import wtforms
from quart import Blueprint, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.stores import invitations
from enertrack.web import audit, notices, room
from enertrack.web.admin.access import only_administrators
from enertrack.web.auth import session
from enertrack.web.forms import Form, length, stripped, submitted
from enertrack.web.i18n import gettext
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.links import public_url
from enertrack.web.notices import NOTICES
from enertrack.web.services import services

NOTICES["cuenta_desinvitada"] = lambda: gettext("La invitación ya no vale.")

blueprint = Blueprint("admin_invitations", __name__, url_prefix="/admin/invitaciones")
only_administrators(blueprint)


class Invited(Form):
    """Whom the link is for."""

    para = wtforms.StringField(
        _("Para quién (opcional)"),
        [length(0, 254, _("Hasta 254 letras."))],
        filters=[stripped],
        description=_("Un nombre o un correo, para reconocer la invitación; no se envía nada."),
    )


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """The form, and the invitations that nobody has used yet."""
    return await _page(Invited())


@blueprint.post("")
async def invite() -> ResponseReturnValue:
    """A link, shown this once."""
    form, engine = await submitted(Invited), services().engine
    if services().settings.enertrack_registro == "cerrado":
        return await _page(form, 403)
    if not form.validate():
        return await _page(form, 422)
    now = audit.present()
    room.leave_room(await invitations.of_node(engine, None, now), room.INVITATIONS)
    token = await invitations.create(engine, invited_by=session.user().id, now=now, correo=form.para.data)
    await audit.record("cuenta_invitada", detalle={"para": form.para.data})
    link = public_url(url_for("registration.page", invitacion=token))
    return await render_template("admin/invited.html", link=link, invited=form.para.data, life=invitations.LIFE)


@blueprint.post("/<row:number>/anular")
async def revoke(number: int) -> ResponseReturnValue:
    """Make a link worth nothing."""
    if await invitations.revoke(services().engine, number, None, audit.present()):
        await audit.record("cuenta_desinvitada")
    return notices.done("cuenta_desinvitada", "admin_invitations.page")


async def _page(form: Invited, status: int = 200) -> ResponseReturnValue:
    found = await invitations.of_node(services().engine, None, audit.present())
    closed = services().settings.enertrack_registro == "cerrado"
    zone = services().settings.zone
    return await render_template("admin/invitations.html", form=form, found=found, closed=closed, zone=zone), status
