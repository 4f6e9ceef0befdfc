"""``/ingresar`` and ``/salir``."""

import logging
from typing import Final

from quart import Blueprint, g, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue
from quart_auth import AuthUser, login_user, logout_user

from enertrack import log
from enertrack.stores import passwords, sessions, users
from enertrack.stores.users import User
from enertrack.web import audit
from enertrack.web.auth import guesses
from enertrack.web.auth.redirect import own_path
from enertrack.web.i18n import gettext as _
from enertrack.web.limiter import by_address
from enertrack.web.services import services

MAX_PASSWORD: Final = 1024
MAX_NAME: Final = 80
MAX_AGENT: Final = 255

blueprint = Blueprint("auth", __name__)
_log = logging.getLogger(__name__)


@blueprint.get("/ingresar")
async def login() -> ResponseReturnValue:
    """The form."""
    if g.user:
        return redirect("/", 303)
    return await _form("", 200)


@blueprint.post("/ingresar")
async def enter() -> ResponseReturnValue:
    """Start a session, never going on with one that the browser brought."""
    form = await request.form
    name = form.get("usuario", "").strip()[:MAX_NAME]
    address = by_address(request.remote_addr or "")
    keys = guesses.keys(name)
    if not services().guesses.take(keys):
        log.event(_log, logging.WARNING, "demasiados intentos de ingreso", direccion=address)
        return await _form(_("Demasiados intentos. Espere un minuto y vuelva a probar."), 429)
    user = await _known(name, form.get("clave", ""))
    if user is None:
        log.event(_log, logging.WARNING, "ingreso rechazado", direccion=address)
        return await _form(_("El usuario o la contraseña no son correctos."), 401)
    services().guesses.give_back(keys)
    await _start(user)
    answer = redirect(own_path(form.get("siguiente")), 303)
    guesses.know(answer, name)
    return answer


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
    )
    return page, status


async def _known(name: str, password: str) -> User | None:
    """The active user of that name and password, in the same time whether there is one or not."""
    if len(password) > MAX_PASSWORD:
        return None
    user = await users.user_by_name(services().engine, name)
    active = user if user and user.activo else None
    if not await passwords.verify(active.password_hash if active else None, password) or active is None:
        return None
    if passwords.needs_rehash(active.password_hash):
        await users.set_password_hash(services().engine, active.id, await passwords.hash_password(password))
    return active


async def _start(user: User) -> None:
    engine = services().engine
    if g.token:
        await sessions.end(engine, g.token)
    await sessions.forget_ended(engine, audit.present())
    token = await sessions.create(
        engine,
        user.id,
        now=audit.present(),
        address=audit.address(),
        agent=request.headers.get("User-Agent", "")[:MAX_AGENT],
    )
    login_user(AuthUser(token), remember=True)
    await audit.record("ingreso", usuario_id=user.id)
    log.event(_log, logging.INFO, "ingreso", usuario=user.id)
