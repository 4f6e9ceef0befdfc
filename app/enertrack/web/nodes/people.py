"""``/nodos/<esp_id>/personas``: who has a meter, who is invited to it, and to whom it goes."""

import logging

from quart import Blueprint, abort, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack import log
from enertrack.stores import invitations, mail, sharing
from enertrack.stores.nodes import Membership
from enertrack.stores.tables import Role
from enertrack.web import audit, meters, notices, room
from enertrack.web.auth import session
from enertrack.web.forms import submitted
from enertrack.web.i18n import gettext as _
from enertrack.web.links import public_url
from enertrack.web.nodes.forms import HandOverForm, ShareForm
from enertrack.web.services import services

blueprint = Blueprint("people", __name__, url_prefix="/nodos")
session.only_users(blueprint)
_log = logging.getLogger(__name__)


@blueprint.get("/<esp_id>/personas")
async def page(esp_id: str) -> ResponseReturnValue:
    """The people and the invitations that are open."""
    return await _page(await meters.mine_or_404(esp_id, Role.PROPIETARIO))


@blueprint.post("/<esp_id>/invitaciones")
async def invite(esp_id: str) -> ResponseReturnValue:
    """A link that shares it, shown this once."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    form = await submitted(ShareForm)
    if not form.validate():
        return await _page(mine, form), 422
    return await _shown(mine, Role(form.rol.data), form.correo.data, con_historia=True)


@blueprint.post("/<esp_id>/transferir")
async def hand_over(esp_id: str) -> ResponseReturnValue:
    """A link that gives it away, shown this once."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    form = await submitted(HandOverForm)
    if not form.validate():
        return await _page(mine, hand_over_form=form), 422
    return await _shown(mine, Role.PROPIETARIO, form.correo.data, con_historia=form.con_historia.data)


@blueprint.post("/<esp_id>/invitaciones/<row:number>/anular")
async def withdraw(esp_id: str, number: int) -> ResponseReturnValue:
    """An invitation that is open is open no more."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    await withdrawn(mine, number)
    return notices.done("invitacion_anulada", "people.page", esp_id=esp_id)


@blueprint.post("/<esp_id>/personas/<row:number>/quitar")
async def remove(esp_id: str, number: int) -> ResponseReturnValue:
    """Somebody who had it has it no more, from now on."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    if not await removed(mine, number):
        abort(400)
    return notices.done("persona_quitada", "people.page", esp_id=esp_id)


async def withdrawn(mine: Membership, number: int) -> bool:
    """No more open; whether it was."""
    done = await invitations.revoke(services().engine, number, mine.node.id, audit.present())
    if done:
        await audit.record("invitacion_anulada", nodo_id=mine.node.id, detalle={"invitacion": number})
    return done


async def removed(mine: Membership, number: int) -> bool:
    """Somebody has the meter no more; whether they had it."""
    done = await sharing.part(services().engine, user_id=number, node_id=mine.node.id)
    if done:
        services().live.ask_anew(mine.node.esp_id)
        await audit.record("persona_quitada", nodo_id=mine.node.id, detalle={"usuario_id": number})
    return done


async def invited(mine: Membership, rol: Role, correo: str | None, *, con_historia: bool) -> tuple[str, bool]:
    """The link of a new invitation, and whether it went by mail too."""
    engine, now = services().engine, audit.present()
    room.leave_room(await invitations.of_node(engine, mine.node.id, now), room.INVITATIONS)
    token = await invitations.create(
        engine,
        invited_by=session.user().id,
        node_id=mine.node.id,
        rol=rol,
        con_historia=con_historia,
        correo=correo,
        now=now,
    )
    await audit.record("invitacion", nodo_id=mine.node.id, detalle={"rol": rol, "con_historia": con_historia})
    link = public_url(url_for("invitations.page", token=token))
    return link, await _sent(mine, link, correo) if correo else False


async def _shown(mine: Membership, rol: Role, correo: str | None, *, con_historia: bool) -> ResponseReturnValue:
    link, sent = await invited(mine, rol, correo, con_historia=con_historia)
    return await render_template("nodes/invited.html", mine=mine, rol=rol, link=link, correo=correo, sent=sent)


async def _sent(mine: Membership, link: str, correo: str) -> bool:
    """Whether the link went by mail too: rarely enough, since people choose to whom, and some of what it says."""
    settings = services().settings
    keys = f"oferta:{session.user().id}", f"carta:{correo.casefold()}"
    if not settings.sends_mail or not services().guesses.take(keys):
        return False
    who, what = session.user().nombre_usuario, " ".join(mine.node.nombre.split())
    text = _(
        "%(who)s le ofrece el medidor «%(what)s» en EnerTrack.\n\n"
        "Para verlo, abra este enlace antes de siete días:\n%(link)s\n\n"
        "Si no conoce a esta persona, no haga nada.",
        who=who,
        what=what,
        link=link,
    )
    try:
        await mail.send(settings, mail.Letter(correo, _("%(who)s comparte un medidor con usted", who=who), text))
    except mail.MailAway as error:
        log.event(_log, logging.WARNING, "no salió el correo de una invitación", motivo=str(error))
        return False
    return True


async def _page(mine: Membership, form: ShareForm | None = None, hand_over_form: HandOverForm | None = None) -> str:
    engine, now = services().engine, audit.present()
    return await render_template(
        "nodes/people.html",
        mine=mine,
        people=await sharing.people(engine, mine.node.id),
        invitations=await invitations.of_node(engine, mine.node.id, now),
        form=form or ShareForm(),
        hand_over_form=hand_over_form or HandOverForm(),
        sends_mail=services().settings.sends_mail,
    )
