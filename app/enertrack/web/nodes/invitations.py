"""``/invitaciones/<token>``: what is offered by whom, and taking it."""

from quart import Blueprint, g, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.stores import invitations
from enertrack.stores.database import transaction
from enertrack.stores.tables import Role
from enertrack.web import audit, notices
from enertrack.web.auth import session
from enertrack.web.services import services

blueprint = Blueprint("invitations", __name__, url_prefix="/invitaciones")


@blueprint.get("/<token>")
async def page(token: str) -> ResponseReturnValue:
    """The offer; who has not signed in may do so, or make an account, and comes back."""
    found = await invitations.find(services().engine, token, audit.present())
    if found is None:
        return await _closed()
    closed = services().settings.enertrack_registro == "cerrado"
    register = None if closed else url_for("registration.page", invitacion=token)
    return await render_template("nodes/invitation.html", invitation=found, token=token, register=register)


@blueprint.post("/<token>/aceptar")
async def accept(token: str) -> ResponseReturnValue:
    """Have what is offered."""
    if g.user is None:
        return redirect(url_for("auth.login", siguiente=url_for("invitations.page", token=token)), 303)
    if session.owes_factor():
        return redirect(url_for("second_factor.page"), 303)
    try:
        found = await accepted(token)
    except invitations.Closed:
        return await _closed()
    if found.esp_id is None:
        return redirect(url_for("panel.page"), 303)
    if found.rol is Role.PROPIETARIO:
        return notices.done("recibido", "care.page", esp_id=found.esp_id)
    return notices.done("compartido", "nodes.page", esp_id=found.esp_id)


async def accepted(token: str) -> invitations.Invitation:
    """Have what is offered. Raises Closed."""
    async with transaction(services().engine) as conn:
        found = await invitations.accept(conn, token, user_id=g.user.id, now=audit.present())
        detail = {"rol": found.rol, "de": found.invitado_por}
        await audit.record("invitacion_aceptada", nodo_id=found.nodo_id, detalle=detail, conn=conn)
    settle(found)
    return found


def settle(found: invitations.Invitation) -> None:
    """End what those still watch who lose a meter by an invitation that was accepted, once that holds."""
    if found.esp_id is not None and found.rol is Role.PROPIETARIO:
        services().live.ask_anew(found.esp_id)


async def _closed() -> ResponseReturnValue:
    return await render_template("nodes/invitation_closed.html"), 404
