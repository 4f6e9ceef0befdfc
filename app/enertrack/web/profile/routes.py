"""``/perfil``: a person's own account, on one page."""

from typing import Any
from zoneinfo import ZoneInfo

from quart import Blueprint, abort, g, render_template, request
from quart.typing import ResponseReturnValue
from quart_auth import logout_user

from enertrack.stores import people, second_factors, sessions, users
from enertrack.stores.database import Taken
from enertrack.web import audit, notices, passwords
from enertrack.web.auth import addresses, letters, session
from enertrack.web.auth.registration import unfit
from enertrack.web.auth.session import user
from enertrack.web.forms import submitted
from enertrack.web.i18n import gettext as _
from enertrack.web.notices import NOTICES
from enertrack.web.profile import agents, personal
from enertrack.web.profile.forms import THEMES, Identity, Password, Preferences, Removal, TokenForm, proven
from enertrack.web.services import services

NOTICES["clave_cambiada"] = lambda: _("Su contraseña cambió, y se cerraron sus demás sesiones.")
NOTICES["sesion_cerrada"] = lambda: _("La sesión quedó cerrada.")
NOTICES["sesiones_cerradas"] = lambda: _("Sus demás sesiones quedaron cerradas.")
NOTICES["cuenta_eliminada"] = lambda: _("Su cuenta quedó eliminada.")

blueprint = Blueprint("profile", __name__, url_prefix="/perfil")
session.only_users(blueprint)


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """All sections."""
    return await shown()


@blueprint.post("")
async def save() -> ResponseReturnValue:
    """Keep how the pages speak and look."""
    form = await submitted(Preferences, prefix="preferencias-")
    if not form.validate():
        return await shown(422, preferences=form)
    await users.change(services().engine, user().id, **form.data)
    return notices.done("guardado", "profile.page")


@blueprint.post("/tema")
async def theme() -> ResponseReturnValue:
    """Keep the theme that was chosen in the menu."""
    chosen = (await request.form).get("tema", "")
    if chosen not in THEMES:
        abort(400)
    await users.change(services().engine, user().id, tema=chosen)
    return "", 204


@blueprint.post("/cuenta")
async def identity() -> ResponseReturnValue:
    """Another name at once; another address when the person has shown that it is theirs."""
    form = _identity(await submitted(Identity, prefix="cuenta-"))
    if status := await proven(form):
        return await shown(status, identity=form)
    name, address = form.nombre_usuario.data or "", form.correo.data if "correo" in form else user().correo
    if unfit(name):
        form.nombre_usuario.errors = [_("Ese nombre no se puede usar: elija otro.")]
        return await shown(422, identity=form)
    try:
        await users.change(services().engine, user().id, nombre_usuario=name)
    except Taken:
        form.nombre_usuario.errors = [_("Ese nombre ya está en uso: elija otro.")]
        return await shown(422, identity=form)
    if name != user().nombre_usuario:
        await audit.record("nombre_cambiado")
    if address and address != user().correo:
        addresses.ask(user(), address)
        return notices.done("correo_pedido", "profile.page")
    if address is None and user().correo is not None:
        await users.change(services().engine, user().id, correo=None)
        await audit.record("correo_quitado")
        letters.tell_change(user(), letters.ADDRESS)
    return notices.done("guardado", "profile.page")


@blueprint.post("/clave")
async def password() -> ResponseReturnValue:
    """Another password; the person stays signed in here alone."""
    form = await submitted(Password, prefix="clave-")
    if status := await proven(form):
        return await shown(status, password=form)
    chosen = form.clave.data or ""
    if fault := await passwords.fault(chosen, user().nombre_usuario, user().correo):
        form.clave.errors = [fault]
        return await shown(422, password=form)
    await passwords.replace(services().engine, user().id, chosen, g.token)
    await audit.record("clave_cambiada")
    letters.tell_change(user(), letters.PASSWORD)
    return notices.done("clave_cambiada", "profile.page")


@blueprint.post("/sesiones/<session_id>/cerrar")
async def end_session(session_id: str) -> ResponseReturnValue:
    """Sign out somewhere."""
    if not await sessions.end_one(services().engine, user().id, session_id):
        abort(404)
    await audit.record("sesion_cerrada")
    return notices.done("sesion_cerrada", "profile.page")


@blueprint.post("/sesiones/cerrar")
async def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    await sessions.end_all(services().engine, user().id, g.token)
    await audit.record("sesiones_cerradas")
    return notices.done("sesiones_cerradas", "profile.page")


@blueprint.post("/eliminar")
async def remove() -> ResponseReturnValue:
    """The end of the account, unless others would be left without what only this person may do."""
    form = await submitted(Removal, prefix="eliminar-")
    if status := await proven(form):
        return await shown(status, removal=form)
    try:
        await people.remove(services().engine, user().id, audit.present())
    except people.OnlyOwner as error:
        names = ", ".join(error.args)
        form.actual.errors = [
            _("Antes transfiera o dé de baja los medidores que solo usted tiene: %(names)s.", names=names)
        ]
        return await shown(422, removal=form)
    except people.LastAdministrator:
        form.actual.errors = [_("Es la única persona que administra: antes dé ese permiso a otra.")]
        return await shown(422, removal=form)
    await audit.record("cuenta_eliminada")
    logout_user()
    return notices.done("cuenta_eliminada", "auth.login")


def _identity(form: Identity) -> Identity:
    if not services().settings.sends_mail:
        del form.correo
    return form


async def shown(status: int = 200, **refused: Any) -> ResponseReturnValue:  # noqa: ANN401 - a form under its name
    """The page, with the form that was refused as it was sent."""
    engine, person = services().engine, user()
    forms = {
        "preferences": Preferences(obj=person, prefix="preferencias-"),
        "identity": _identity(Identity(obj=person, prefix="cuenta-")),
        "password": Password(prefix="clave-"),
        "removal": Removal(prefix="eliminar-"),
        "token_form": TokenForm(prefix="token-"),
    }
    page = await render_template(
        "profile/profile.html",
        sessions=await sessions.of_person(engine, person.id, audit.present()),
        this_session=sessions.id_of(g.token),
        factor=await second_factors.find(engine, person.id),
        tokens=await personal.mine(),
        zone=ZoneInfo(person.zona_horaria),
        short_agent=agents.short,
        sends_mail=services().settings.sends_mail,
        **forms | refused,
    )
    return page, status
