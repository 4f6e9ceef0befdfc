"""``/ingresar`` and ``/salir``."""

from quart import Blueprint, g, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue
from quart_auth import logout_user

from enertrack.stores import sessions
from enertrack.web import audit
from enertrack.web.auth import entry, guesses
from enertrack.web.auth.redirect import own_path
from enertrack.web.i18n import gettext as _
from enertrack.web.services import services

blueprint = Blueprint("auth", __name__)


@blueprint.get("/ingresar")
async def login() -> ResponseReturnValue:
    """The form."""
    if g.user:
        return redirect("/", 303)
    return await _form("", 200)


@blueprint.post("/ingresar")
async def enter() -> ResponseReturnValue:
    """Go on with who brings the right password."""
    form = await request.form
    try:
        user = await guesses.known(form.get("usuario", ""), form.get("clave", ""))
    except guesses.TooMany:
        return await _form(_("Demasiados intentos. Espere un minuto y vuelva a probar."), 429)
    if user is None:
        return await _form(_("El usuario o la contraseña no son correctos."), 401)
    return await entry.let_in(user, own_path(form.get("siguiente")))


@blueprint.post("/salir")
async def leave() -> ResponseReturnValue:
    """End the session for good."""
    if g.token:
        await sessions.end(services().engine, g.token)
        await audit.record("salida")
    logout_user()
    return redirect(url_for("auth.login"), 303)


async def _form(mistake: str, status: int) -> ResponseReturnValue:
    values = await request.form if request.method == "POST" else request.args
    page = await render_template(
        "auth/login.html",
        mistake=mistake,
        usuario=values.get("usuario", ""),
        siguiente=own_path(values.get("siguiente")),
        registration=services().settings.enertrack_registro,
    )
    return page, status
