"""What the audit keeps by a code, in words."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import moment

CODED: Final = ("alcances", "rol")
"""Of these the values are codes too."""
SECOND: Final = "desde"
"""Of this, a Unix second."""


def actions() -> dict[str, str]:
    """What is done, by its code, in the order of its words."""
    known = {
        "ingreso": _("Ingresó"),
        "salida": _("Salió"),
        "registro": _("Creó su cuenta"),
        "nombre_cambiado": _("Cambió su nombre"),
        "correo_cambiado": _("Cambió su correo"),
        "correo_quitado": _("Quitó su correo"),
        "clave_cambiada": _("Cambió su contraseña"),
        "clave_olvidada": _("Pidió elegir otra contraseña"),
        "clave_restablecida": _("Eligió otra contraseña por un enlace"),
        "clave_enlace": _("Hizo un enlace para que otra persona elija su contraseña"),
        "segundo_factor_activado": _("Activó su segundo factor"),
        "segundo_factor_quitado": _("Quitó su segundo factor"),
        "factor_ajeno_quitado": _("Quitó el segundo factor de otra cuenta"),
        "codigos_renovados": _("Renovó sus códigos de recuperación"),
        "sesion_cerrada": _("Cerró una sesión"),
        "sesiones_cerradas": _("Cerró sus demás sesiones"),
        "token_creado": _("Creó un token de la API"),
        "token_anulado": _("Anuló un token de la API"),
        "cuenta_eliminada": _("Eliminó su cuenta"),
        "cuenta_invitada": _("Invitó a crear una cuenta"),
        "cuenta_desinvitada": _("Anuló una invitación a crear una cuenta"),
        "usuario_alta": _("Se creó una cuenta en el servidor"),
        "usuario_activado": _("Activó una cuenta"),
        "usuario_desactivado": _("Desactivó una cuenta"),
        "administrador_nombrado": _("Nombró administrador"),
        "administrador_quitado": _("Quitó un administrador"),
        "nodo_alta": _("Agregó un medidor"),
        "nodo_editado": _("Cambió los datos de un medidor"),
        "nodo_baja": _("Dio de baja un medidor"),
        "nodo_dejado": _("Dejó un medidor compartido"),
        "cuenta_renovada": _("Renovó la clave de un medidor"),
        "placa_cambiada": _("Cambió la placa de un medidor"),
        "invitacion": _("Compartió un medidor"),
        "invitacion_aceptada": _("Aceptó una invitación"),
        "invitacion_anulada": _("Anuló una invitación"),
        "persona_quitada": _("Dejó de compartir un medidor"),
        "registro_inusual": _("El contador de un medidor volvió atrás"),
        "importacion_original": _("Importó los datos del EnerTrack original"),
    }
    return dict(sorted(known.items(), key=lambda item: item[1]))


def details(found: Mapping[str, Any] | None, zone: ZoneInfo) -> str:
    """What was kept of an event, as ``nombre: valor``; moments are told in ``zone``."""
    names = _names()
    given = ((key, value) for key, value in (found or {}).items() if value not in (None, ""))
    return ", ".join(f"{names.get(key, key)}: {_told(key, value, zone)}" for key, value in given)


def _told(key: str, value: object, zone: ZoneInfo) -> str:
    if isinstance(value, list):
        return " + ".join(_told(key, one, zone) for one in value)
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    if key == SECOND and isinstance(value, int):
        return moment(value, zone)
    return _codes().get(str(value), str(value)) if key in CODED else str(value)


def _names() -> dict[str, str]:
    """What is told of an event, by its code."""
    return {
        "alcances": _("alcances"),
        "anterior": _("placa anterior"),
        "con_historia": _("con historia"),
        "de": _("de"),
        "descripcion": _("descripción"),
        "desde": _("desde"),
        "esp_id": _("placa"),
        "intervalo_s": _("intervalo (s)"),
        "invitacion": _("invitación"),
        "medidores": _("medidores"),
        "nombre": _("nombre"),
        "padre_id": _("es parte de"),
        "para": _("para"),
        "potencia_max_w": _("potencia máxima (W)"),
        "reemplazo": _("placa reemplazada"),
        "reinicio": _("vuelta a cero"),
        "reloj": _("salto del reloj"),
        "rol": _("rol"),
        "token": _("token"),
        "umbrales": _("umbrales"),
        "usuario": _("usuario"),
        "usuario_id": _("usuario n.º"),
        "usuarios": _("usuarios"),
        "vuelta": _("vuelta del contador"),
        "vínculos": _("vínculos"),
        "zona_horaria": _("zona horaria"),
    }


def _codes() -> dict[str, str]:
    return {
        "gestionar": _("gestionar"),
        "gestor": _("gestor"),
        "lector": _("lector"),
        "leer": _("leer"),
        "propietario": _("propietario"),
    }
