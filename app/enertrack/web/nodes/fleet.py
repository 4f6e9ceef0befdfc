"""``/nodos``: a person's meters, and a new one."""

from quart import Blueprint, render_template
from quart.typing import ResponseReturnValue

from enertrack.stores import meters as boards
from enertrack.stores import nodes
from enertrack.stores.broker.accounts import AccountsFailed
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.broker.open import open_accounts
from enertrack.stores.database import Taken
from enertrack.stores.meters import Enrolled, Wanted
from enertrack.stores.nodes import Membership
from enertrack.stores.tables import Role
from enertrack.web import audit, meters, room
from enertrack.web.auth import session
from enertrack.web.forms import submitted
from enertrack.web.i18n import gettext as _
from enertrack.web.nodes import credential
from enertrack.web.nodes.forms import BoardForm, EnrolForm
from enertrack.web.services import services

blueprint = Blueprint("fleet", __name__, url_prefix="/nodos")
session.only_users(blueprint)


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """All of them, those out of service too."""
    found = await nodes.memberships(services().engine, session.user().id)
    active = [m for m in found if m.node.activo]
    return await render_template(
        "nodes/fleet.html",
        meters=list(zip(await meters.look(active), active, strict=True)),
        retired=[m for m in found if not m.node.activo],
        broker=services().live.connected,
    )


@blueprint.get("/nuevo")
async def new() -> ResponseReturnValue:
    """The form of a new meter."""
    return await _form(EnrolForm(zona_horaria=session.user().zona_horaria))


@blueprint.post("/nuevo")
async def add() -> ResponseReturnValue:
    """Make it, with its account, which is shown this once."""
    form = await submitted(EnrolForm)
    if not form.validate():
        return await _form(form), 422
    try:
        done = await enrolled(form)
    except Taken:
        own = await already(form)
        form.esp_id.errors = [taken(own)]
        return await _form(form, own=own), 422
    except (BrokerAway, AccountsFailed):
        return await _form(form, broker_away=True), 503
    return await credential.shown(_("%(name)s ya está dado de alta", name=form.nombre.data), done.meter.esp_id, done)


async def enrolled(form: EnrolForm) -> Enrolled:
    """The meter of a form, with its account. Raises Taken, BrokerAway, AccountsFailed."""
    found = await nodes.memberships(services().engine, session.user().id)
    room.leave_room([m for m in found if m.rol is Role.PROPIETARIO], room.METERS)
    wanted = Wanted(
        meter=form.meter,
        nombre=form.nombre.data or "",
        zona_horaria=form.zona_horaria.data or "",
        descripcion=form.descripcion.data,
        potencia_max_w=float(form.potencia_max_w.data or 0),
        owner_id=session.user().id,
        ubicacion=form.ubicacion.data,
    )
    done = await boards.enrol(services().engine, open_accounts(services().settings), wanted, audit.author())
    services().live.forget(done.meter.esp_id)
    return done


async def already(form: BoardForm) -> Membership | None:
    """The person's own meter that has the board of a form, be it in service or not."""
    return await nodes.membership(services().engine, session.user().id, form.meter.esp_id)


def taken(own: Membership | None) -> str:
    """What is said of a board that is a meter's already: whose, only where it is one's own."""
    if own is not None:
        return _("Esa placa ya está entre sus medidores: es %(name)s.", name=own.node.nombre)
    return _("Esa placa ya está dada de alta. Si es suya, pida a quien la dio de alta que se la comparta o transfiera.")


async def _form(form: EnrolForm, *, broker_away: bool = False, own: Membership | None = None) -> str:
    return await render_template("nodes/new.html", form=form, broker_away=broker_away, own=own)
