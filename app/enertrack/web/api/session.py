"""``/sesion``: in by name and password, on by what was given then, and out."""

from http import HTTPStatus

from quart import Blueprint, g

from enertrack.stores import second_factors, sessions
from enertrack.stores.users import User
from enertrack.web import audit
from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import Credenciales, Renovacion, Sesion
from enertrack.web.api.problems import Refused
from enertrack.web.api.schema import answers, says, takes
from enertrack.web.auth import access, entry, guesses
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.services import services

door = Blueprint("api_sesion", __name__)
ending = Blueprint("api_sesion_propia", __name__)
only_bearers(ending, personal=False)


@door.post("/sesion")
@says(lazy_gettext("Ingresar: un pase de 15 minutos y con qué renovarlo"), anybody=True)
@takes(Credenciales)
@answers(Sesion)
async def begin(body: Credenciales) -> Sesion:
    """A session for who brings the right password, and code where there is a second factor."""
    try:
        user = await guesses.known(body.usuario, body.clave)
        if user is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, _("El usuario o la contraseña no son correctos."))
        await _second_step(user, body.codigo)
    except guesses.TooMany:
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS, _("Demasiados intentos. Espere un minuto y vuelva a probar.")
        ) from None
    token = await entry.new_session(user)
    return _given(user.id, token)


@door.put("/sesion")
@says(lazy_gettext("Renovar: otro pase de la misma sesión"), anybody=True)
@takes(Renovacion)
@answers(Sesion)
async def renew(body: Renovacion) -> Sesion:
    """Another access token, as long as the session goes on."""
    engine, now = services().engine, audit.present()
    found = await sessions.find(engine, body.renovacion, now)
    if found is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, _("Esa sesión terminó: vuelva a ingresar."))
    await sessions.touch(engine, body.renovacion, now)
    return _given(found.user.id, body.renovacion)


@ending.delete("/sesion")
@says(lazy_gettext("Salir: el pase y su renovación dejan de valer"))
@answers(status=204)
async def end() -> None:
    """The session is over."""
    await sessions.end_one(services().engine, g.user.id, g.session_id)
    await audit.record("salida")


async def _second_step(user: User, code: str) -> None:
    if await second_factors.find(services().engine, user.id) is None:
        return
    if not code:
        raise Refused(HTTPStatus.UNAUTHORIZED, _("Falta el código de su segundo factor (codigo)."))
    if not await guesses.second(user, code):
        raise Refused(HTTPStatus.UNAUTHORIZED, _("El código no es correcto, venció o ya se usó."))


def _given(user_id: int, token: str) -> Sesion:
    passed, ends = access.issued(user_id, sessions.id_of(token))
    return Sesion(acceso=passed, vence=ends, renovacion=token)
