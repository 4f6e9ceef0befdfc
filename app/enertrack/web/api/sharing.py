"""Who has a meter, who is invited to it, and taking an invitation."""

from quart import Blueprint, abort

from enertrack.stores import invitations as store
from enertrack.stores import sharing
from enertrack.stores.nodes import Membership
from enertrack.stores.tables import Role
from enertrack.web import audit, meters
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import ConAcceso, InvitacionAbierta, InvitacionEnviada, InvitacionNueva, Oferta
from enertrack.web.api.schema import answers, says, takes
from enertrack.web.i18n import lazy_gettext
from enertrack.web.nodes import invitations, people
from enertrack.web.services import services

NUMBER = "<row:number>"

blueprint = Blueprint("api_compartir", __name__)
only_bearers(blueprint)


@blueprint.get("/medidores/<esp_id>/personas")
@says(lazy_gettext("Quiénes tienen un medidor suyo"))
@answers(list[ConAcceso])
async def persons(esp_id: str) -> list[ConAcceso]:
    """Who has it."""
    found = await sharing.people(services().engine, (await _owned(esp_id)).node.id)
    return [ConAcceso(id=p.usuario_id, usuario=p.nombre_usuario, rol=p.rol, desde=p.fecha_asignacion) for p in found]


@blueprint.delete(f"/medidores/<esp_id>/personas/{NUMBER}")
@says(lazy_gettext("Quitarle un medidor suyo a alguien"))
@answers(status=204)
async def remove(esp_id: str, number: int) -> None:
    """They have it no more."""
    if not await people.removed(await _owned(esp_id), number):
        abort(404)


@blueprint.get("/medidores/<esp_id>/invitaciones")
@says(lazy_gettext("Las invitaciones abiertas a un medidor suyo"))
@answers(list[InvitacionAbierta])
async def invited(esp_id: str) -> list[InvitacionAbierta]:
    """Those that can still be accepted."""
    found = await store.of_node(services().engine, (await _owned(esp_id)).node.id, audit.present())
    names = InvitacionAbierta.__struct_fields__
    return [InvitacionAbierta(**{name: getattr(i, name) for name in names}) for i in found]


@blueprint.post("/medidores/<esp_id>/invitaciones")
@says(
    lazy_gettext("Compartir (lector, gestor) o transferir (propietario) un medidor: el enlace se dice esta única vez")
)
@takes(InvitacionNueva)
@answers(InvitacionEnviada, 201)
async def invite(esp_id: str, body: InvitacionNueva) -> InvitacionEnviada:
    """A link that shares it or gives it away."""
    mine = await _owned(esp_id)
    history = body.con_historia or body.rol is not Role.PROPIETARIO
    link, sent = await people.invited(mine, body.rol, body.correo, con_historia=history)
    return InvitacionEnviada(enlace=link, enviada=sent)


@blueprint.delete(f"/medidores/<esp_id>/invitaciones/{NUMBER}")
@says(lazy_gettext("Anular una invitación abierta"))
@answers(status=204)
async def withdraw(esp_id: str, number: int) -> None:
    """It is open no more."""
    if not await people.withdrawn(await _owned(esp_id), number):
        abort(404)


@blueprint.get("/invitaciones/<token>")
@says(lazy_gettext("Qué ofrece una invitación"))
@answers(Oferta)
async def offer(token: str) -> Oferta:
    """What is offered."""
    return _offer(await store.find(services().engine, token, audit.present()) or abort(404))


@blueprint.post("/invitaciones/<token>")
@says(lazy_gettext("Aceptar una invitación"))
@answers(Oferta)
async def accept(token: str) -> Oferta:
    """Have what is offered."""
    try:
        return _offer(await invitations.accepted(token))
    except store.Closed:
        abort(404)


async def _owned(esp_id: str) -> Membership:
    return await meters.mine_or_404(esp_id, Role.PROPIETARIO)


def _offer(found: store.Invitation) -> Oferta:
    return Oferta(
        medidor=found.nodo, esp_id=found.esp_id, rol=found.rol, con_historia=found.con_historia, de=found.invitador
    )
