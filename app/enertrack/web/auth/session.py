"""Who asks: the cookie holds a random token, the row of its session is on the server."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from quart import Blueprint, Quart, abort, g, redirect, request, url_for
from quart.typing import ResponseReturnValue
from quart_auth import QuartAuth, current_user, logout_user

from enertrack.settings import Settings
from enertrack.stores import sessions
from enertrack.stores.users import User
from enertrack.web.services import services

WITHOUT_USER: Final = frozenset({"assets.serve", "health.alive", "health.ready"})


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


def user() -> User:
    """Who asks, on a page that lets only users in."""
    found: User = g.user
    return found


async def _load_user() -> None:
    g.user, g.token = None, None
    token = None if request.endpoint in WITHOUT_USER else current_user.auth_id
    if token is None:
        return
    engine, now = services().engine, datetime.fromtimestamp(services().now(), UTC)
    session = await sessions.find(engine, token, now)
    if session is None:
        logout_user()
        return
    g.user, g.token = session.user, token
    if now - session.ultimo_uso >= sessions.TOUCH:
        await sessions.touch(engine, token, now)


async def _require_user() -> ResponseReturnValue | None:
    if g.user:
        return None
    if "text/html" not in request.headers.get("Accept", ""):
        abort(401)
    back = {} if request.full_path == "/?" else {"siguiente": request.full_path.rstrip("?")}
    return redirect(f"{url_for('auth.login')}?{urlencode(back)}".rstrip("?"), 303)
