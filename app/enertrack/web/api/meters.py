"""``/medidores``: a person's meters, their settings, credentials and boards."""

from http import HTTPStatus

from msgspec import UNSET
from msgspec.structs import asdict
from quart import Blueprint

from enertrack.stores import nodes, sharing
from enertrack.stores.database import Taken
from enertrack.stores.meters import Enrolled
from enertrack.stores.nodes import Membership
from enertrack.stores.tables import Role
from enertrack.web import meters
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import Cuenta, Medidor, MedidorCambios, MedidorNuevo, Placa
from enertrack.web.api.problems import Refused, refused_form
from enertrack.web.api.schema import answers, says, takes
from enertrack.web.auth.session import user
from enertrack.web.forms import filled
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.nodes import care, fleet
from enertrack.web.nodes.forms import BoardForm, EnrolForm
from enertrack.web.services import services

blueprint = Blueprint("api_medidores", __name__)
only_bearers(blueprint)


@blueprint.get("/medidores")
@says(lazy_gettext("Sus medidores, como están ahora; también los dados de baja"))
@answers(list[Medidor])
async def every() -> list[Medidor]:
    """All of them."""
    return await _shown(await nodes.memberships(services().engine, user().id))


@blueprint.post("/medidores")
@says(lazy_gettext("Dar de alta un medidor: su cuenta en el broker se dice esta única vez"))
@takes(MedidorNuevo)
@answers(Cuenta, 201)
async def add(body: MedidorNuevo) -> Cuenta:
    """A new one."""
    form = filled(EnrolForm, asdict(body))
    if not form.validate():
        raise refused_form(form)
    try:
        return _account(await fleet.enrolled(form))
    except Taken:
        raise await _conflict(form) from None


@blueprint.get("/medidores/<esp_id>")
@says(lazy_gettext("Un medidor, como está ahora"))
@answers(Medidor)
async def one(esp_id: str) -> Medidor:
    """One."""
    return await _one(esp_id)


@blueprint.patch("/medidores/<esp_id>")
@says(lazy_gettext("Cambiar lo que se dice de un medidor"))
@takes(MedidorCambios)
@answers(Medidor)
async def change(esp_id: str, body: MedidorCambios) -> Medidor:
    """What is told of it."""
    mine = await meters.mine_or_404(esp_id, Role.GESTOR)
    given = {name: value for name, value in asdict(body).items() if value is not UNSET}
    if "es_parte_de" in given:
        parent = given.pop("es_parte_de")
        given["padre_id"] = "" if parent is None else (await meters.mine_or_404(parent)).node.id
    form = await care.settings_form(mine, given)
    if not form.validate():
        raise refused_form(form)
    try:
        await care.save_changes(mine, form)
    except sharing.Circle:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _("Ese medidor ya es parte de este.")) from None
    return await _one(esp_id)


@blueprint.delete("/medidores/<esp_id>")
@says(lazy_gettext("Dar de baja un medidor: su placa queda afuera, su historia se conserva"))
@answers(status=204)
async def retire(esp_id: str) -> None:
    """Out of service."""
    await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    await care.retired(esp_id)


@blueprint.post("/medidores/<esp_id>/reactivar")
@says(lazy_gettext("Poner en servicio un medidor dado de baja, con otra cuenta"))
@answers(Cuenta)
async def bring_back(esp_id: str) -> Cuenta:
    """In service again."""
    return _account(await care.renewed(await meters.mine_or_404(esp_id, Role.PROPIETARIO, retired=True)))


@blueprint.post("/medidores/<esp_id>/credencial")
@says(lazy_gettext("Renovar la cuenta de un medidor: la anterior deja de valer"))
@answers(Cuenta)
async def renew(esp_id: str) -> Cuenta:
    """Another password."""
    return _account(await care.renewed(await meters.mine_or_404(esp_id, Role.GESTOR)))


@blueprint.put("/medidores/<esp_id>/placa")
@says(lazy_gettext("Poner otra placa en el lugar de un medidor, que conserva su historia"))
@takes(Placa)
@answers(Cuenta)
async def board(esp_id: str, body: Placa) -> Cuenta:
    """Another board."""
    await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    form = filled(BoardForm, asdict(body))
    if not form.validate():
        raise refused_form(form)
    try:
        return _account(await care.other_board(esp_id, form))
    except Taken:
        raise await _conflict(form) from None


async def _conflict(form: BoardForm) -> Refused:
    return Refused(HTTPStatus.CONFLICT, fleet.taken(await fleet.already(form)))


def _account(done: Enrolled) -> Cuenta:
    made = done.credential
    return Cuenta(
        esp_id=done.meter.esp_id,
        usuario=made.user if made else None,
        clave=made.password.get_secret_value() if made else None,
        id_cliente=made.client_id if made else None,
    )


async def _one(esp_id: str) -> Medidor:
    [found] = await _shown([await meters.mine_or_404(esp_id, retired=True)])
    return found


async def _shown(memberships: list[Membership]) -> list[Medidor]:
    boards = {m.node.id: m.node.esp_id for m in memberships}
    present = await meters.look(memberships)
    return [
        Medidor(
            **{name: getattr(m.node, name) for name in _OF_NODE},
            ubicacion=m.ubicacion,
            rol=m.rol,
            estado=seen.state,
            es_parte_de=boards.get(m.node.padre_id or 0),
            ultima_lectura=seen.t,
            valores=seen.values,
        )
        for m, seen in zip(memberships, present, strict=True)
    ]


_OF_NODE = (
    *("esp_id", "nombre", "descripcion", "zona_horaria", "activo", "protocolo"),
    *("potencia_max_w", "intervalo_s", "firmware", "senal_dbm"),
)
