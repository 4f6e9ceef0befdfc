"""Headers of each answer, and the proof that a change was asked for by our own page."""

import hashlib
import hmac
import re
import secrets
from urllib.parse import urlsplit

from quart import Quart, Response, abort, current_app, g, request
from quart.typing import ResponseReturnValue

from enertrack.web.auth import bearer, session
from enertrack.web.services import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
VISIT_BYTES = 16
VISIT = re.compile(r"[A-Za-z0-9_-]{22}")
HSTS = "max-age=31536000"


def protect(app: Quart) -> None:
    """Add the checks before, and the headers after each request."""
    app.before_request(_check_change)
    app.after_request(_add_headers)


def csrf_token() -> str:
    """What a form must send back, bound to the session, or to the visit of one without session."""
    bound = g.token or visit()
    key = str(current_app.secret_key).encode()
    return hmac.new(key, b"csrf:" + bound.encode(), hashlib.sha256).hexdigest()


def visit_cookie() -> str:
    """Name of the cookie that stands in for a session while there is none."""
    return "__Host-enertrack-visita" if services().settings.enertrack_proxy else "enertrack_visita"


def visit() -> str:
    """What tells this browser's visit from others, before it signs in and after."""
    if "visit" not in g:
        brought = request.cookies.get(visit_cookie(), "")
        g.visit = brought if VISIT.fullmatch(brought) else secrets.token_urlsafe(VISIT_BYTES)
    return str(g.visit)


async def _check_change() -> ResponseReturnValue | None:
    if request.method in SAFE_METHODS or bearer.to_api():
        return None
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
    if (request.headers.get("Origin") or _origin(request.headers.get("Referer")) or _own()) != _own():
        abort(403)
    sent = request.headers.get("X-CSRF-Token") or (await request.form).get("csrf", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        return session.to_the_form(aviso="sesion_terminada") if session.is_over() else abort(403)
    return None


def _own() -> str:
    return f"{request.scheme}://{request.host}"


def _origin(address: str | None) -> str:
    """Where a page stands that browsers name without Origin; what is no address is of nobody."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}"


async def _add_headers(response: Response) -> Response:
    secure = services().settings.enertrack_proxy
    response.headers.update(HEADERS)
    if secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if "visit" in g:
        response.set_cookie(visit_cookie(), g.visit, secure=secure, httponly=True, samesite="Lax", path="/")
    return response
