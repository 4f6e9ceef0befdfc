"""Who asks: the cookie holds a random token, the row of its session is on the server."""

from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

from quart import Blueprint, Quart, abort, current_app, g, redirect, request, url_for
from quart.typing import ResponseReturnValue
from quart_auth import QuartAuth, current_user, logout_user

from enertrack.settings import Settings
from enertrack.stores import sessions
from enertrack.stores.users import User
from enertrack.web.auth import bearer
from enertrack.web.auth.redirect import own_page
from enertrack.web.i18n import gettext as _
from enertrack.web.notices import NOTICES, WARNINGS
from enertrack.web.services import services

WITHOUT_USER: Final = frozenset({"assets.serve", "health.alive", "health.ready"})
SETTING_UP: Final = "second_factor"
"""The blueprint in which an administrator gets a second factor, and the only one until then."""
NOTHING_WITHOUT_USER: Final = frozenset({"auth.leave", "invitations.accept"})
"""Routes for anybody that only lead to the form who has not signed in."""

NOTICES["sesion_terminada"] = lambda: _(
    "Su sesión ya había terminado. Ingrese para seguir: si estaba guardando algo, no se guardó."
)
WARNINGS.add("sesion_terminada")


def install(app: Quart, settings: Settings) -> None:
    """Keep the session's token in a cookie and look its user up before each request."""
    secure = settings.enertrack_proxy
    QuartAuth(
        app,
        cookie_name="__Host-enertrack" if secure else "enertrack_sesion",
        cookie_path="/",
        cookie_secure=secure,
        cookie_http_only=True,
        cookie_samesite="Lax",
        duration=int(sessions.LIFE.total_seconds()),
    )
    app.before_request(_load_user)


def only_users(blueprint: Blueprint) -> None:
    """Let nobody in who has not signed in: a page sends to the form, data and streams answer 401."""
    blueprint.before_request(_require_user)


def owes_factor() -> bool:
    """Whether who asks must first have a second factor: administrators must, but in the demo."""
    return bool(g.user and g.user.es_admin and not g.second_factor and not current_app.config["DEMO"])


def user() -> User:
    """Who asks, on a page that lets only users in."""
    found: User = g.user
    return found


def is_over() -> bool:
    """Whether who asks has no session for something that only users may: it ended since they saw the page."""
    guarded = _require_user in current_app.before_request_funcs.get(request.blueprint, ())
    return g.user is None and (guarded or request.endpoint in NOTHING_WITHOUT_USER)


def to_the_form(**more: str) -> ResponseReturnValue:
    """Sign in, and come back to the page that was asked for, or that sent the form. Data and streams: 401."""
    if not _page():
        abort(401)
    form = request.method not in {"GET", "HEAD"}
    back = _sender() if form else request.full_path.rstrip("?")
    known = more if back == "/" else {"siguiente": back, **more}
    return redirect(f"{url_for('auth.login')}?{urlencode(known)}".rstrip("?"), 303)


def _sender() -> str:
    """The page that sent a form; one that showed it again at the form's own address is found above that."""
    sent = own_page(request.referrer, request.host_url.rstrip("/"))
    path = sent.partition("?")[0]
    above = path.rpartition("/")[0]
    routes = current_app.create_url_adapter(request)
    pages = (back for page, back in ((path, sent), (above, above)) if page and routes and routes.test(page, "GET"))
    return next(pages, "/")


async def _load_user() -> None:
    g.user, g.token, g.second_factor = None, None, False
    g.proof, g.session_id, g.scopes = None, None, frozenset()
    if bearer.to_api():
        await bearer.load()
        return
    token = None if request.endpoint in WITHOUT_USER else current_user.auth_id
    if token is None:
        return
    engine, now = services().engine, datetime.fromtimestamp(services().now(), UTC)
    session = await sessions.find(engine, token, now)
    if session is None:
        logout_user()
        return
    g.user, g.token, g.second_factor = session.user, token, session.segundo_factor
    g.proof = partial(sessions.find, token=token)
    if now - session.ultimo_uso >= sessions.TOUCH:
        await sessions.touch(engine, token, now)


async def _require_user() -> ResponseReturnValue | None:
    if g.user is None:
        return to_the_form()
    if owes_factor() and request.blueprint != SETTING_UP:
        if not _page():
            abort(403)
        return redirect(url_for("second_factor.page"), 303)
    return None


def _page() -> bool:
    return "text/html" in request.headers.get("Accept", "")
