"""What a page tells after a change: a code in the address that it was sent to, shown as a toast."""

from collections.abc import Callable
from typing import Any, Final

from quart import Quart, redirect, request, url_for
from quart.typing import ResponseReturnValue

from enertrack.web.i18n import gettext as _

NOTICES: Final[dict[str, Callable[[], str]]] = {
    "guardado": lambda: _("Los cambios quedaron guardados."),
    "baja": lambda: _("El medidor está dado de baja; lo medido se conserva."),
    "baja_a_mano": lambda: _("El medidor está dado de baja. Quite también su cuenta en el broker."),
    "dejado": lambda: _("El medidor ya no está entre los suyos."),
    "propietario": lambda: _("El medidor es suyo: transfiéralo o delo de baja."),
    "invitacion_anulada": lambda: _("La invitación ya no vale."),
    "persona_quitada": lambda: _("Esa persona ya no ve el medidor."),
    "compartido": lambda: _("El medidor ya está entre los suyos."),
    "recibido": lambda: _("El medidor es suyo. Renueve su credencial: quien lo tenía la conoce."),
}
"""Each area adds its own; a code that is not here is not shown."""
WARNINGS: Final[set[str]] = set()
"""Those of them that tell what did not happen: they stay until they are closed."""


def done(code: str, endpoint: str, **values: Any) -> ResponseReturnValue:  # noqa: ANN401 - what the address takes
    """Go to a page that tells it."""
    assert code in NOTICES
    return redirect(url_for(endpoint, **values, aviso=code), 303)


def install(app: Quart) -> None:
    """Let the base template show it."""
    app.jinja_env.globals.update(notice=_notice, notice_warns=lambda: _code() in WARNINGS)


def _notice() -> str:
    return NOTICES.get(_code(), str)()


def _code() -> str:
    return request.args.get("aviso", "")
