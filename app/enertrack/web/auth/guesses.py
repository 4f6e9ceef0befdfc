"""Under what a guess at a password is counted: the client's address, and the account.

Many clients together may not go on for ever either, and none of them shall keep the owner out: a browser in which
somebody has signed in to the account before holds a proof of that, and is counted by its address alone.
"""

import hashlib
import hmac
import unicodedata
from typing import Final

from quart import Response, current_app, request
from werkzeug.wrappers import Response as Redirect

from enertrack.web.limiter import by_address
from enertrack.web.services import services

KNOWN_FOR_S: Final = 365 * 86_400


def keys(name: str) -> tuple[str, ...]:
    """What a guess at the account of that name counts under."""
    address = f"direccion:{by_address(request.remote_addr or '')}"
    known = hmac.compare_digest(request.cookies.get(_cookie(), "").encode(), _proof(name).encode())
    return (address,) if known else (address, f"cuenta:{_plain(name)}")


def know(answer: Response | Redirect, name: str) -> None:
    """Have the browser remember that the account's own person has used it."""
    secure = services().settings.enertrack_proxy
    answer.set_cookie(
        _cookie(), _proof(name), max_age=KNOWN_FOR_S, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def _cookie() -> str:
    return "__Host-enertrack-equipo" if services().settings.enertrack_proxy else "enertrack_equipo"


def _proof(name: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"equipo:{_plain(name)}".encode(), hashlib.sha256).hexdigest()


def _plain(name: str) -> str:
    """As the tables compare names: case and accents make no other account."""
    parts = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))
