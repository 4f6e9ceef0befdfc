"""``/perfil/segundo-factor``: switching the second factor on and off, and its recovery codes."""

from typing import Any

import segno
import wtforms
from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.domain import totp
from enertrack.stores import second_factors
from enertrack.web import audit, notices, passwords, signed
from enertrack.web.auth import factor, letters, session
from enertrack.web.auth.session import user
from enertrack.web.forms import Form, Pattern, required, stripped, submitted
from enertrack.web.i18n import gettext
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.notices import NOTICES
from enertrack.web.profile.forms import proven
from enertrack.web.services import services

PATIENCE_S = 900
"""Seconds that an offered secret may be taken."""
PURPOSE = "secreto"

NOTICES["segundo_factor_quitado"] = lambda: gettext("Su cuenta ya no pide un segundo factor.")

blueprint = Blueprint(session.SETTING_UP, __name__, url_prefix="/perfil/segundo-factor")
session.only_users(blueprint)


class SetUp(Form):
    """The proof that the authenticator has the offered secret."""

    codigo = wtforms.StringField(
        _("Código que muestra la aplicación"),
        [required(), Pattern(r"\s*[0-9]{3}\s?[0-9]{3}\s*", _("Escriba los seis números que muestra la aplicación."))],
        filters=[stripped],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    actual = passwords.present_password(_("Contraseña actual"))
    oferta = wtforms.HiddenField()


class Proof(Form):
    """The password again, for what weakens the account."""

    actual = passwords.present_password(_("Contraseña actual"))


@blueprint.get("")
async def page() -> ResponseReturnValue:
    """Set it up, or what can be done with it."""
    if await second_factors.find(services().engine, user().id) is not None:
        return await _manage()
    return await _offer(SetUp(), totp.new_secret())


@blueprint.post("")
async def switch_on() -> ResponseReturnValue:
    """Ask for it from now on, and show the recovery codes this one time."""
    engine, form = services().engine, await submitted(SetUp)
    offered = signed.read(PURPOSE, form.oferta.data or "", PATIENCE_S)
    if not offered or offered[0] != user().id or await second_factors.find(engine, user().id) is not None:
        return redirect(url_for("second_factor.page"), 303)
    secret = factor.seal().opened(offered[1])
    if status := await proven(form):
        return await _offer(form, secret, status)
    step = totp.step_of(secret, "".join((form.codigo.data or "").split()), services().now())
    if step is None:
        form.codigo.errors = [gettext("No es el código de ahora: revise que la hora del teléfono sea automática.")]
        return await _offer(form, secret, 422)
    codes = factor.new_codes()
    await second_factors.switch_on(
        engine,
        user().id,
        secreto=factor.seal().closed(secret),
        paso=step,
        codes=factor.kept(codes),
        now=audit.present(),
    )
    await audit.record("segundo_factor_activado")
    letters.tell_change(user(), letters.FACTOR_ON)
    return await render_template("profile/recovery_codes.html", codes=codes)


@blueprint.post("/codigos")
async def renew_codes() -> ResponseReturnValue:
    """Other recovery codes, shown this one time."""
    form = await submitted(Proof, prefix="codigos-")
    if await second_factors.find(services().engine, user().id) is None:
        return redirect(url_for("second_factor.page"), 303)
    if status := await proven(form):
        return await _manage(status, renewal=form)
    codes = factor.new_codes()
    await second_factors.renew_codes(services().engine, user().id, factor.kept(codes))
    await audit.record("codigos_renovados")
    return await render_template("profile/recovery_codes.html", codes=codes)


@blueprint.post("/quitar")
async def switch_off() -> ResponseReturnValue:
    """Ask for the password alone; an administrator must set another one up at once."""
    form = await submitted(Proof, prefix="quitar-")
    if await second_factors.find(services().engine, user().id) is None:
        return redirect(url_for("second_factor.page"), 303)
    if status := await proven(form):
        return await _manage(status, removal=form)
    await second_factors.switch_off(services().engine, user().id)
    await audit.record("segundo_factor_quitado")
    letters.tell_change(user(), letters.FACTOR_OFF)
    return notices.done("segundo_factor_quitado", "profile.page")


async def _offer(form: SetUp, secret: str, status: int = 200) -> ResponseReturnValue:
    """The secret as a picture and as text; the browser keeps it, encrypted, until the person proves to have it."""
    form.oferta.data = signed.sign(PURPOSE, [user().id, factor.seal().closed(secret)])
    page = await render_template(
        "profile/second_factor_setup.html",
        form=form,
        picture=_picture(totp.provisioning(secret, user().nombre_usuario)),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        required=session.owes_factor(),
    )
    return page, status


async def _manage(status: int = 200, **refused: Any) -> ResponseReturnValue:  # noqa: ANN401 - a form under its name
    forms = {"renewal": Proof(prefix="codigos-"), "removal": Proof(prefix="quitar-")}
    found = await second_factors.find(services().engine, user().id)
    return await render_template("profile/second_factor.html", factor=found, **forms | refused), status


def _picture(text: str) -> str:
    """A QR code as an image that is part of the page; dark on white in both themes, for cameras."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff", encode_minimal=False)
