"""``/olvide`` and ``/restablecer/<token>``: another password for who forgot theirs."""

from urllib.parse import urljoin

import wtforms
from quart import Blueprint, current_app, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.settings import Settings
from enertrack.stores import audit as kept
from enertrack.stores import forgotten, users
from enertrack.stores.passwords import hash_password
from enertrack.web import audit, notices, passwords
from enertrack.web.auth import guesses, letters
from enertrack.web.forms import Form, mail, required, stripped, submitted
from enertrack.web.i18n import gettext, speaking
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.links import public_url
from enertrack.web.notices import NOTICES
from enertrack.web.services import services

NOTICES["clave"] = lambda: gettext("Su contraseña cambió: ingrese con la nueva.")

blueprint = Blueprint("recovery", __name__)


class Forgotten(Form):
    """Where the link shall go."""

    correo = wtforms.EmailField(
        _("Correo de su cuenta"),
        [required(), *mail()],
        filters=[stripped],
        render_kw={"autocomplete": "email"},
    )


class Another(Form):
    """The password to have from now on."""

    clave = passwords.new_password(_("Contraseña nueva"))


@blueprint.get("/olvide")
async def page() -> ResponseReturnValue:
    """The form, or whom to ask where nothing can be sent."""
    return await _page(Forgotten(), 200)


@blueprint.post("/olvide")
async def ask() -> ResponseReturnValue:
    """Say the same whether the address is known, in the same time: all else happens after the answer."""
    form = await submitted(Forgotten)
    if not services().settings.sends_mail:
        return await _page(form, 403)
    if not form.validate():
        return await _page(form, 422)
    if not services().guesses.take((f"registro:{guesses.client()}",)):
        form.correo.errors = [_("Demasiados pedidos. Espere un minuto y vuelva a probar.")]
        return await _page(form, 429)
    place = public_url(url_for("recovery.page"))
    current_app.add_background_task(_write, services().settings, form.correo.data or "", place, audit.address())
    return await render_template("auth/forgotten.html", sent=True, form=form, sends_mail=True)


async def _write(settings: Settings, address: str, place: str, client: str) -> None:
    user = await users.user_by_mail(services().engine, address)
    if user is None or not user.activo or not services().guesses.take((f"carta:{user.id}",)):
        return
    token = await forgotten.create(services().engine, user.id, audit.present())
    await kept.record(
        services().engine, "clave_olvidada", momento=audit.present(), usuario_id=user.id, direccion=client
    )
    with speaking(user.idioma):
        letter = letters.choose_another(user, urljoin(place, f"restablecer/{token}"))
    await letters.send(settings, letter)


@blueprint.get("/restablecer/<token>")
async def choose(token: str) -> ResponseReturnValue:
    """The form, while the link may be used."""
    return await _choice(token, Another(), 200)


@blueprint.post("/restablecer/<token>")
async def reset(token: str) -> ResponseReturnValue:
    """Another password; sessions end, and the person signs in as always: with their second factor, if they have one."""
    form, engine = await submitted(Another), services().engine
    chosen = form.clave.data or ""
    user = await forgotten.find(engine, token, audit.present())
    if user is None:
        return await _choice(token, form, 404)
    if not form.validate():
        return await _choice(token, form, 422)
    if fault := await passwords.fault(chosen, user.nombre_usuario, user.correo):
        form.clave.errors = [fault]
        return await _choice(token, form, 422)
    if await forgotten.spend(engine, token, await hash_password(chosen), audit.present()) is None:
        return await _choice(token, form, 404)
    await audit.record("clave_restablecida", usuario_id=user.id)
    letters.tell_change(user, letters.PASSWORD)
    return notices.done("clave", "auth.login")


async def _page(form: Forgotten, status: int) -> ResponseReturnValue:
    known = services().settings.sends_mail
    return await render_template("auth/forgotten.html", form=form, sends_mail=known, sent=False), status


async def _choice(token: str, form: Another, status: int) -> ResponseReturnValue:
    user = await forgotten.find(services().engine, token, audit.present())
    page = await render_template("auth/reset.html", form=form, user_of_link=user, token=token)
    return page, status if user else 404
