"""``/yo``: who asks."""

from quart import Blueprint, g

from enertrack.web.api.guard import only_bearers
from enertrack.web.api.models import Persona
from enertrack.web.api.schema import answers, says
from enertrack.web.auth.session import user
from enertrack.web.i18n import lazy_gettext

blueprint = Blueprint("api_yo", __name__)
only_bearers(blueprint)


@blueprint.get("/yo")
@says(lazy_gettext("Quién es usted y qué puede este pase"))
@answers(Persona)
async def me() -> Persona:
    """The person."""
    person = user()
    return Persona(
        usuario=person.nombre_usuario,
        correo=person.correo,
        idioma=person.idioma,
        tema=person.tema,
        zona_horaria=person.zona_horaria,
        es_admin=person.es_admin,
        segundo_factor=g.second_factor,
        alcances=sorted(g.scopes),
    )
