"""``/admin/usuarios``: who may sign in and who administers; ways back in for who cannot."""

import logging
from typing import Final

from quart import Blueprint, abort, render_template, request, url_for
from quart.typing import ResponseReturnValue

from enertrack import log
from enertrack.stores import directory, forgotten, second_factors
from enertrack.stores import people as accounts
from enertrack.stores.directory import PAGE, Person, Which
from enertrack.web import audit, notices
from enertrack.web.admin.access import asked_page, only_administrators
from enertrack.web.auth import session
from enertrack.web.i18n import gettext as _
from enertrack.web.links import public_url
from enertrack.web.notices import NOTICES
from enertrack.web.services import services

MAX_SEARCH: Final = 100

NOTICES["usuario_activado"] = lambda: _("La cuenta está activa: la persona puede ingresar.")
NOTICES["usuario_desactivado"] = lambda: _("La cuenta está inactiva y sus sesiones terminaron.")
NOTICES["administrador_nombrado"] = lambda: _("Ahora administra, cuando vuelva a ingresar.")
NOTICES["administrador_quitado"] = lambda: _("Ya no administra.")
NOTICES["factor_ajeno_quitado"] = lambda: _("La cuenta ya no pide segundo factor.")

blueprint = Blueprint("admin_people", __name__, url_prefix="/admin/usuarios")
only_administrators(blueprint)
_log = logging.getLogger(__name__)


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """All accounts, a page at a time."""
    search = request.args.get("q", "").strip()[:MAX_SEARCH]
    which = _which(request.args.get("ver", ""))
    number = asked_page()
    shown, total = await directory.people(services().engine, search, which, number)
    return await render_template(
        "admin/people.html",
        people=shown,
        total=total,
        search=search,
        which=which,
        page=number,
        size=PAGE,
        names=_names(),
        zone=services().settings.zone,
    )


@blueprint.get("/<row:number>")
async def person(number: int) -> ResponseReturnValue:
    """One account and what can be done about it."""
    return await _person(await _known(number))


@blueprint.post("/<row:number>/activa")
async def activate(number: int) -> ResponseReturnValue:
    """Let a person in, or shut them out at once."""
    other, active = await _another(number), await _on()
    try:
        await accounts.set_active(services().engine, other.id, active=active)
    except accounts.LastAdministrator:
        return await _person(other, _last(), 422)
    return await _done("usuario_activado" if active else "usuario_desactivado", other)


@blueprint.post("/<row:number>/administra")
async def promote(number: int) -> ResponseReturnValue:
    """Let a person administer, or no more."""
    other, admin = await _another(number), await _on()
    try:
        await accounts.set_admin(services().engine, other.id, admin=admin)
    except accounts.LastAdministrator:
        return await _person(other, _last(), 422)
    return await _done("administrador_nombrado" if admin else "administrador_quitado", other)


@blueprint.post("/<row:number>/clave")
async def reset(number: int) -> ResponseReturnValue:
    """A link by which the person chooses another password, shown this once."""
    other = await _another(number)
    if not other.activo:
        return await _person(other, _("La cuenta está inactiva: actívela primero."), 422)
    token = await forgotten.create(services().engine, other.id, audit.present())
    await _record("clave_enlace", other)
    link = public_url(url_for("recovery.choose", token=token))
    return await render_template("admin/link.html", person=other, link=link, life=forgotten.LIFE)


@blueprint.post("/<row:number>/segundo-factor")
async def forget_factor(number: int) -> ResponseReturnValue:
    """Ask a person who has lost their authenticator and their codes for the password alone."""
    other = await _another(number)
    await second_factors.switch_off(services().engine, other.id)
    return await _done("factor_ajeno_quitado", other)


async def _person(shown: Person, mistake: str = "", status: int = 200) -> ResponseReturnValue:
    oneself = shown.id == session.user().id
    page = await render_template(
        "admin/person.html", person=shown, oneself=oneself, mistake=mistake, zone=services().settings.zone
    )
    return page, status


async def _known(number: int) -> Person:
    found = await directory.person(services().engine, number)
    if found is None:
        abort(404)
    return found


async def _another(number: int) -> Person:
    """That person, who is not the one who asks: nobody takes from themselves what they then could not give back."""
    found = await _known(number)
    if found.id == session.user().id:
        abort(400)
    return found


async def _on() -> bool:
    return (await request.form).get("si") == "1"


async def _done(action: str, other: Person) -> ResponseReturnValue:
    await _record(action, other)
    return notices.done(action, "admin_people.person", number=other.id)


async def _record(action: str, other: Person) -> None:
    await audit.record(action, detalle={"usuario": other.nombre_usuario})
    log.event(_log, logging.INFO, "administración", accion=action, usuario=other.id, autor=session.user().id)


def _last() -> str:
    return _("Es la única cuenta que administra: nombre antes a otra.")


def _which(asked: str) -> Which:
    return Which(asked) if asked in set(Which) else Which.ALL


def _names() -> dict[Which, str]:
    return {
        Which.ALL: _("Todas"),
        Which.ACTIVE: _("Activas"),
        Which.INACTIVE: _("Inactivas"),
        Which.ADMINISTRATORS: _("Administradores"),
    }
