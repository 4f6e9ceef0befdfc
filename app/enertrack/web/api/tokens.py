"""``/tokens``: a person's own tokens, for who has signed in and not for another token."""

from http import HTTPStatus
from typing import Any

from msgspec.structs import asdict
from quart import Blueprint, abort

from enertrack.stores.personal_tokens import Token
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import TokenCreado, TokenNuevo, TokenPersonal
from enertrack.web.api.problems import Refused
from enertrack.web.api.schema import answers, says, takes
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.profile import personal

blueprint = Blueprint("api_tokens", __name__)
only_bearers(blueprint, personal=False)


@blueprint.get("/tokens")
@says(lazy_gettext("Sus tokens personales en vigor"))
@answers(list[TokenPersonal])
async def all_tokens() -> list[TokenPersonal]:
    """Those in force."""
    return [TokenPersonal(**_shown(token)) for token in await personal.mine()]


@blueprint.post("/tokens")
@says(lazy_gettext("Crear un token personal, que se dice esta única vez"))
@takes(TokenNuevo)
@answers(TokenCreado, 201)
async def create(body: TokenNuevo) -> TokenCreado:
    """A new one."""
    if not body.nombre.strip():
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _("Falta completar el nombre."))
    made, secret = await personal.create(body.nombre.strip(), body.alcances, body.dias)
    return TokenCreado(**_shown(made), token=secret)


@blueprint.delete("/tokens/<row:number>")
@says(lazy_gettext("Anular un token personal"))
@answers(status=204)
async def revoke(number: int) -> None:
    """It is worth nothing from now on."""
    if not await personal.revoke(number):
        abort(404)


def _shown(token: Token) -> dict[str, Any]:
    return asdict(token) | {"alcances": sorted(token.alcances)}
