"""What goes wrong, as RFC 9457 has it: ``application/problem+json``, told in the reader's language."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from quart import Response

from enertrack.web.forms import Form
from enertrack.web.i18n import gettext as _

TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong; ``errores`` has what is wrong with each part of what was sent."""

    title: str
    status: int
    detail: str
    errores: dict[str, list[str]] = {}


class Refused(Exception):
    """An answer that is a problem, told on a page where a page was asked for."""

    def __init__(self, status: int, detail: str, errores: Mapping[str, Iterable[object]] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errores = {name: [str(m) for m in messages] for name, messages in (errores or {}).items()}


def refused_form(form: Form) -> Refused:
    """What a form that does not validate says."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _("Hay datos que no se pueden aceptar."), dict(form.errors))


def answer(status: int, detail: str = "", errores: Mapping[str, list[str]] | None = None) -> Response:
    """The answer for a status, with what is known of it."""
    title, usual = _texts(status)
    found = Problem(title=title, status=status, detail=detail or usual, errores=dict(errores or {}))
    response = Response(msgspec.json.encode(found), status, content_type=TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="EnerTrack"'
    return response


def _texts(status: int) -> tuple[str, str]:
    """HTTP's phrase for a status, and what there is to say of it."""
    known = {
        401: (
            _("Sin autenticar"),
            _("Falta un pase válido en Authorization: Bearer. Venció, se anuló o no es de aquí."),
        ),
        403: (_("Prohibido"), _("Ese pase no alcanza para esto, o usted no tiene permiso sobre el medidor.")),
        404: (_("No encontrado"), _("No existe, o no es suyo.")),
        405: (_("Método no admitido"), _("Esa dirección no admite ese método.")),
        409: (_("Conflicto"), _("Llegó al máximo que una persona puede tener: quite lo que ya no use.")),
        413: (_("Contenido demasiado grande"), _("Lo que se envió es más grande de lo que se acepta.")),
        415: (_("Tipo de contenido no admitido"), _("Envíe los datos como application/json.")),
        422: (_("Contenido que no se puede aceptar"), _("Hay datos que no se pueden aceptar.")),
        429: (_("Demasiados pedidos"), _("Demasiados pedidos. Espere un minuto y vuelva a probar.")),
        503: (_("Servicio no disponible"), _("Un servicio no responde. Pruebe de nuevo en un momento.")),
    }
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        other = _("Pedido incorrecto"), _("No se entendió el pedido.")
    else:
        other = _("Error del servidor"), _("Algo salió mal.")
    return known.get(status, other)
