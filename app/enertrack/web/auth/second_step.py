"""``/ingresar/codigo``: the code of the second factor, after the password."""

import wtforms
from quart import Blueprint, make_response, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from enertrack.web.auth import entry, guesses
from enertrack.web.forms import Form, length, required, stripped, submitted
from enertrack.web.i18n import lazy_gettext as _

MAX_CODE = 40

blueprint = Blueprint("second_step", __name__)


class Code(Form):
    """What the authenticator shows, or a recovery code."""

    codigo = wtforms.StringField(
        _("Código"),
        [required(), length(1, MAX_CODE, _("Escriba los seis números, o un código de recuperación."))],
        filters=[stripped],
        description=_("Los seis números de su aplicación, o uno de sus códigos de recuperación."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )


@blueprint.get("/ingresar/codigo")
async def page() -> ResponseReturnValue:
    """The form, for who has just given their password."""
    if await entry.half_way() is None:
        return redirect(url_for("auth.login"), 303)
    return await _form(Code(), 200)


@blueprint.post("/ingresar/codigo")
async def enter() -> ResponseReturnValue:
    """Start the session of who brings the right code."""
    found = await entry.half_way()
    if found is None:
        return redirect(url_for("auth.login"), 303)
    user, target = found
    form = await submitted(Code)
    if not form.validate():
        return await _form(form, 422)
    try:
        if not await guesses.second(user, form.codigo.data or ""):
            return await _refused(form, _("El código no es correcto, venció o ya se usó."), 401)
    except guesses.TooMany:
        return await _refused(form, _("Demasiados intentos. Espere un rato y vuelva a probar."), 429)
    await entry.start(user)
    answer = await make_response(redirect(target, 303))
    entry.forget_step(answer)
    return answer


async def _refused(form: Code, mistake: str, status: int) -> ResponseReturnValue:
    form.codigo.errors = [mistake]
    return await _form(form, status)


async def _form(form: Code, status: int) -> ResponseReturnValue:
    return await render_template("auth/code.html", form=form), status
