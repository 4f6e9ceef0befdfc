"""``/nodos/<esp_id>/ajustes``: what is told of a meter, its credential, its board, its end."""

from collections.abc import Mapping

from quart import Blueprint, render_template
from quart.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined,unused-ignore]

from enertrack.stores import meters as boards
from enertrack.stores import nodes, sharing
from enertrack.stores.broker.open import open_accounts
from enertrack.stores.database import Taken, transaction
from enertrack.stores.meters import Enrolled
from enertrack.stores.nodes import Membership
from enertrack.stores.tables import Role
from enertrack.web import audit, meters, notices
from enertrack.web.auth import session
from enertrack.web.forms import filled, submitted
from enertrack.web.i18n import gettext as _
from enertrack.web.nodes import credential, fleet
from enertrack.web.nodes.forms import BoardForm, SettingsForm
from enertrack.web.services import services

blueprint = Blueprint("care", __name__, url_prefix="/nodos")
session.only_users(blueprint)


@blueprint.get("/<esp_id>/ajustes")
async def page(esp_id: str) -> ResponseReturnValue:
    """What this person may change of it."""
    mine = await meters.mine_or_404(esp_id)
    return await _page(mine)


@blueprint.post("/<esp_id>/ajustes")
async def save(esp_id: str) -> ResponseReturnValue:
    """Change it."""
    mine = await meters.mine_or_404(esp_id, Role.GESTOR)
    form = await submitted(SettingsForm)
    form.padre_id.choices = await _parents(mine)
    if not form.validate():
        return await _page(mine, form), 422
    try:
        await save_changes(mine, form)
    except sharing.Circle:
        form.padre_id.errors = [_("Ese medidor ya es parte de este.")]
        return await _page(mine, form), 422
    return notices.done("guardado", "care.page", esp_id=esp_id)


@blueprint.post("/<esp_id>/credencial")
async def renew(esp_id: str) -> ResponseReturnValue:
    """Another password for its board, shown this once; the one before is worth nothing any more."""
    mine = await meters.mine_or_404(esp_id, Role.GESTOR)
    title = _("Credencial nueva para %(name)s", name=mine.node.nombre)
    return await credential.shown(title, esp_id, await renewed(mine))


@blueprint.post("/<esp_id>/placa")
async def board(esp_id: str) -> ResponseReturnValue:
    """Another board in its place, whose credential is shown this once."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    form = await submitted(BoardForm)
    if not form.validate():
        return await _page(mine, board_form=form), 422
    try:
        done = await other_board(esp_id, form)
    except Taken:
        form.esp_id.errors = [fleet.taken(await fleet.already(form))]
        return await _page(mine, board_form=form), 422
    return await credential.shown(_("%(name)s tiene otra placa", name=mine.node.nombre), done.meter.esp_id, done)


@blueprint.post("/<esp_id>/baja")
async def retire(esp_id: str) -> ResponseReturnValue:
    """Out of service: its board is cut off, its history stays."""
    await meters.mine_or_404(esp_id, Role.PROPIETARIO)
    return notices.done("baja" if await retired(esp_id) else "baja_a_mano", "fleet.page")


@blueprint.post("/<esp_id>/reactivar")
async def bring_back(esp_id: str) -> ResponseReturnValue:
    """In service again, with another credential, shown this once."""
    mine = await meters.mine_or_404(esp_id, Role.PROPIETARIO, retired=True)
    title = _("%(name)s vuelve a estar en servicio", name=mine.node.nombre)
    return await credential.shown(title, esp_id, await renewed(mine))


@blueprint.post("/<esp_id>/dejar")
async def leave(esp_id: str) -> ResponseReturnValue:
    """No longer among this person's meters; its owner hands it over or retires it."""
    mine = await meters.mine_or_404(esp_id)
    if not await sharing.part(services().engine, user_id=session.user().id, node_id=mine.node.id):
        return notices.done("propietario", "care.page", esp_id=esp_id)
    services().live.ask_anew(esp_id)
    await audit.record("nodo_dejado", nodo_id=mine.node.id)
    return notices.done("dejado", "fleet.page")


async def other_board(esp_id: str, form: BoardForm) -> Enrolled:
    """Another board in a meter's place. Raises Taken, BrokerAway, AccountsFailed."""
    accounts = open_accounts(services().settings)
    done = await boards.change_board(services().engine, accounts, esp_id, form.meter, audit.author())
    for board_id in (esp_id, done.meter.esp_id):
        services().live.forget(board_id)
    return done


async def retired(esp_id: str) -> bool:
    """Out of service; whether its account was cut off, not left to a person."""
    done = await boards.retire(services().engine, open_accounts(services().settings), esp_id, audit.author())
    services().live.ask_anew(esp_id)
    return done


async def renewed(mine: Membership) -> Enrolled:
    """In service, with another password. Raises BrokerAway, AccountsFailed."""
    accounts = open_accounts(services().settings)
    return await boards.renew(services().engine, accounts, mine.node.esp_id, audit.author())


async def settings_form(mine: Membership, changes: Mapping[str, object]) -> SettingsForm:
    """The settings as they are but for ``changes``, as if somebody had filled them in."""
    form = filled(SettingsForm, {**_present(mine), **changes})
    form.padre_id.choices = await _parents(mine)
    return form


async def save_changes(mine: Membership, form: SettingsForm) -> None:
    """Keep what differs from before, and a record of it. Raises Circle."""
    node = mine.node
    wanted = {name: form[name].data for name in ("nombre", "descripcion", "zona_horaria", "intervalo_s")}
    wanted["potencia_max_w"] = float(form.potencia_max_w.data or 0)
    changed = {name: value for name, value in wanted.items() if value != getattr(node, name)}
    parent = form.padre_id.data
    async with transaction(services().engine) as conn:
        if changed:
            await nodes.change_node(conn, node.id, **changed)
        if parent != node.padre_id:
            await sharing.set_parent(conn, node.id, parent)
            changed["padre_id"] = parent
        await nodes.set_place(conn, session.user().id, node.id, form.ubicacion.data)
        if changed:
            await audit.record("nodo_editado", nodo_id=node.id, detalle=changed, conn=conn)


async def _parents(mine: Membership) -> list[SelectChoice]:
    """The meters that this one may be part of: the person's own, and the one that it is part of now."""
    found = {m.node.id: m.node.nombre for m in await meters.mine() if m.node.id != mine.node.id}
    if mine.node.padre_id is not None:
        found.setdefault(mine.node.padre_id, _("Otro medidor"))
    return [SelectChoice("", _("Ninguno")), *(SelectChoice(str(number), name) for number, name in found.items())]


async def _page(mine: Membership, form: SettingsForm | None = None, board_form: BoardForm | None = None) -> str:
    if form is None:
        form = SettingsForm(data=_present(mine))
        form.padre_id.choices = await _parents(mine)
    return await render_template("nodes/settings.html", mine=mine, form=form, board_form=board_form or BoardForm())


def _present(mine: Membership) -> dict[str, object]:
    node = mine.node
    return {
        "nombre": node.nombre,
        "descripcion": node.descripcion,
        "ubicacion": mine.ubicacion,
        "zona_horaria": node.zona_horaria,
        "potencia_max_w": round(node.potencia_max_w),
        "intervalo_s": node.intervalo_s,
        "padre_id": "" if node.padre_id is None else node.padre_id,
    }
