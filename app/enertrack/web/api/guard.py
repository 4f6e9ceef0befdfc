"""Who may come in to the API."""

from quart import Blueprint, abort, g, request

from enertrack.stores.personal_tokens import Scope
from enertrack.web.auth import session
from enertrack.web.security import SAFE_METHODS


def only_bearers(blueprint: Blueprint, *, personal: bool = True) -> None:
    """Let in who has shown a token that may do it; to change something it needs ``gestionar``.

    Without ``personal`` it must be an access token, of a person who has signed in.
    """

    async def check() -> None:
        if g.user is None:
            abort(401)
        if session.owes_factor() or not (personal or g.session_id):
            abort(403)
        if Scope.GESTIONAR not in g.scopes and request.method not in SAFE_METHODS:
            abort(403)

    blueprint.before_request(check)
