"""Pages for what goes wrong; they say no more than the reader needs."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from quart import Quart, g, make_response, render_template, request
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from enertrack import log
from enertrack.stores.broker.accounts import AccountsFailed
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.database import DatabaseAway
from enertrack.stores.measurements.protocol import Unavailable
from enertrack.web.api import problems
from enertrack.web.auth import bearer
from enertrack.web.i18n import gettext as _

REFUSALS: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}

_log = logging.getLogger(__name__)


def install(app: Quart) -> None:
    """Answer mistakes, servers that are away, and our own faults with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(problems.Refused, _refused)
    for away in (DatabaseAway, Unavailable, BrokerAway, AccountsFailed):
        app.register_error_handler(away, _away)
    app.register_error_handler(Exception, _fault)


def _texts(code: int) -> tuple[str, str]:
    known = {
        401: (_("Hay que ingresar"), _("La sesión terminó o no se ha iniciado.")),
        403: (_("Pedido rechazado"), _("El formulario venció o no partió de esta página. Vuelva a intentarlo.")),
        404: (_("No se encontró la página"), _("La dirección no existe, o lo que muestra no es suyo.")),
        409: (_("No hay lugar para más"), _("Llegó al máximo que una persona puede tener: quite lo que ya no use.")),
        413: (_("Demasiados datos"), _("Lo que se envió es más grande de lo que se acepta.")),
        429: (_("Demasiados pedidos a la vez"), _("Espere a que terminen los anteriores y vuelva a probar.")),
        503: (
            _("Un servicio no responde"),
            _("Ninguna lectura se pierde: quedan en espera. Pruebe de nuevo en un momento."),
        ),
    }
    if code < HTTPStatus.INTERNAL_SERVER_ERROR:
        other = _("No se entendió el pedido"), _("Vuelva atrás e inténtelo de otra manera.")
    else:
        other = _("Algo salió mal"), _("El error quedó registrado. Pruebe de nuevo en un momento.")
    return known.get(code, other)


async def _page(code: int, detail: str = "", errores: Mapping[str, list[str]] | None = None) -> ResponseReturnValue:
    if bearer.to_api():
        return problems.answer(code, detail, errores)
    title, advice = _texts(code)
    return await render_template("errors/error.html", code=code, title=title, advice=detail or advice), code


async def _refused(error: problems.Refused) -> ResponseReturnValue:
    return await _page(error.status, error.detail, error.errores)


async def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code in REFUSALS and request.url_rule:
        level = logging.WARNING if error.code == HTTPStatus.FORBIDDEN else logging.INFO
        log.event(_log, level, "pedido rechazado", codigo=error.code, **_asked())
    answer = await make_response(await _page(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


async def _away(error: Exception) -> ResponseReturnValue:
    log.event(_log, logging.DEBUG, "un servidor no responde", motivo=type(error).__name__, detalle=str(error))
    return await _page(HTTPStatus.SERVICE_UNAVAILABLE)


async def _fault(error: Exception) -> ResponseReturnValue:
    _log.error("error en una página", exc_info=error, extra={"datos": _asked()})
    return await _page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _asked() -> dict[str, object]:
    """Who asked for what: by the route and not the address, in which a secret may stand."""
    user = g.get("user")
    meter = (request.view_args or {}).get("esp_id")
    return {
        "metodo": request.method,
        "ruta": request.url_rule.rule if request.url_rule else "",
        **({"medidor": meter} if meter else {}),
        **({"usuario": user.id} if user else {}),
        "direccion": request.remote_addr or "",
    }
