"""Who asks the API: the header Authorization tells, with an access token or a personal one; cookies count for nothing.

So no other site can have a browser ask in somebody's name, and a request needs no proof of its page.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Final

from quart import g, request

from enertrack.stores import personal_tokens, sessions
from enertrack.stores.personal_tokens import PREFIX, Scope
from enertrack.web.auth import access
from enertrack.web.services import services

API: Final = "/api/"
ABOUT: Final = "api_documento.docs"
"""The page about it, which is for people as any other."""
ALL: Final = frozenset(Scope)


def to_api() -> bool:
    """Whether the request is for the API."""
    return request.path.startswith(API) and request.endpoint != ABOUT


async def load() -> None:
    """Look up who asks, as ``session`` does for the pages."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer":
        return
    token = token.strip()
    await (_load_personal(token) if token.startswith(PREFIX) else _load_access(token))


async def _load_access(token: str) -> None:
    claims = access.read(token)
    if claims is None:
        return
    again = partial(sessions.find_one, user_id=claims.user_id, session_id=claims.sid)
    session = await again(services().engine, now=_now())
    if session is not None:
        g.user, g.second_factor, g.proof = session.user, session.segundo_factor, again
        g.scopes, g.session_id = ALL, claims.sid


async def _load_personal(token: str) -> None:
    engine, now = services().engine, _now()
    found = await personal_tokens.find(engine, token, now)
    if found is None:
        return
    g.user, g.second_factor, g.proof = found.user, found.segundo_factor, partial(personal_tokens.find, token=token)
    g.scopes = found.token.alcances
    await personal_tokens.touch(engine, found.token, now)


def _now() -> datetime:
    return datetime.fromtimestamp(services().now(), UTC)
