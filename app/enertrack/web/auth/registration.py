"""``/registro``: a person makes their account, where the installation lets them.

A name that is somebody's is said to be: who chooses one must know. An address never is (``addresses``).
"""

import wtforms
from quart import Blueprint, g, redirect, render_template, request
from quart.typing import ResponseReturnValue

from enertrack.stores import invitations, people, users
from enertrack.stores.database import Taken, transaction
from enertrack.stores.passwords import hash_password
from enertrack.stores.users import User
from enertrack.web import audit, notices, passwords
from enertrack.web.auth import addresses, entry, guesses
from enertrack.web.forms import Form, Pattern, mail, required, stripped, submitted
from enertrack.web.i18n import gettext, language
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.nodes.invitations import settle
from enertrack.web.notices import NOTICES
from enertrack.web.services import services

NAME = r"[^\s@:\/\\<>]{3,80}"

NOTICES["registro"] = lambda: gettext("Su cuenta está lista.")

blueprint = Blueprint("registration", __name__)


def name_field() -> wtforms.StringField:
    """What a person is called and signs in with."""
    return wtforms.StringField(
        _("Nombre de usuario"),
        [required(), Pattern(NAME, _("De 3 a 80 letras, números o signos, sin espacios."))],
        filters=[stripped],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


def mail_field() -> wtforms.EmailField:
    """Where a person can be written to."""
    return wtforms.EmailField(
        _("Correo (opcional)"),
        [wtforms.validators.Optional(), *mail()],
        filters=[stripped],
        description=_("Para elegir otra contraseña si la olvida. Le enviaremos un enlace para confirmarlo."),
        render_kw={"autocomplete": "email"},
    )


def unfit(name: str) -> bool:
    """Whether nobody may be called so."""
    return not name.isprintable() or name.casefold().startswith(people.REMOVED)


class Registration(Form):
    """Who a person wants to be here."""

    nombre_usuario = name_field()
    correo = mail_field()
    clave = passwords.new_password(_("Contraseña"))
    invitacion = wtforms.HiddenField()


@blueprint.get("/registro")
async def page() -> ResponseReturnValue:
    """The form, or why there is none."""
    if g.user:
        return redirect("/", 303)
    return await _form(_fields(Registration(invitacion=request.args.get("invitacion"))), 200)


@blueprint.post("/registro")
async def register() -> ResponseReturnValue:
    """Make the account and start its first session."""
    form = _fields(await submitted(Registration))
    if status := await _refusal(form):
        return await _form(form, status)
    user = await _made(form)
    if user is None:
        return await _form(form, 422)
    await entry.start(user)
    if "correo" in form and form.correo.data:
        addresses.ask(user, form.correo.data)
        return notices.done("correo_pedido", "panel.page")
    return notices.done("registro", "panel.page")


def _fields(form: Registration) -> Registration:
    """The form without an address where nothing could be sent to it."""
    if not services().settings.sends_mail:
        del form.correo
    return form


async def _welcome(form: Registration) -> bool:
    """Whether accounts may be made so."""
    way = services().settings.enertrack_registro
    return way == "abierto" or (way == "invitacion" and await _invited(form))


async def _invited(form: Registration) -> bool:
    token = form.invitacion.data or ""
    return await invitations.find(services().engine, token, audit.present()) is not None


async def _refusal(form: Registration) -> int:
    """The status to show the form with again, which says why; 0 for one that will do."""
    if not await _welcome(form):
        return 403
    if not form.validate():
        return 422
    if not services().guesses.take((f"registro:{guesses.client()}",)):
        form.nombre_usuario.errors = [_("Demasiados intentos. Espere un minuto y vuelva a probar.")]
        return 429
    name, address = form.nombre_usuario.data or "", form.correo.data if "correo" in form else None
    if unfit(name):
        form.nombre_usuario.errors = [_("Ese nombre no se puede usar: elija otro.")]
    if fault := await passwords.fault(form.clave.data or "", name, address):
        form.clave.errors = [fault]
    return 422 if form.errors else 0


async def _made(form: Registration) -> User | None:
    """The new account, which has used its invitation up; None where somebody else was sooner."""
    engine, hashed = services().engine, await hash_password(form.clave.data or "")
    name = form.nombre_usuario.data or ""
    token = form.invitacion.data if await _invited(form) else None
    try:
        async with transaction(engine) as conn:
            zone = services().settings.tz
            user_id = await users.add_user(
                conn, nombre_usuario=name, password_hash=hashed, idioma=language(), zona_horaria=zone
            )
            offer = await invitations.accept(conn, token, user_id=user_id, now=audit.present()) if token else None
            detail = {"invitacion": offer.id} if offer else None
            await audit.record("registro", usuario_id=user_id, detalle=detail, conn=conn)
    except Taken:
        form.nombre_usuario.errors = [_("Ese nombre ya está en uso: elija otro.")]
        return None
    except invitations.Closed:  # which the form says when it is shown again
        return None
    if offer:
        settle(offer)
    return await users.user_by_id(engine, user_id)


async def _form(form: Registration, status: int) -> ResponseReturnValue:
    welcome = await _welcome(form)
    way = services().settings.enertrack_registro
    return await render_template("auth/register.html", form=form, welcome=welcome, way=way), status
