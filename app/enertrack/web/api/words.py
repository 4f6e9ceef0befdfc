"""What the document says of the models and of their fields, for people: the docstrings are for who reads the code."""

from typing import Final

from enertrack.web.i18n import lazy_gettext as _

MODELS: Final = {
    "Barra": _("Una barra. energia_wh es null si ningún medidor dijo nada en ese tiempo."),
    "ConAcceso": _("Alguien que tiene el medidor, y desde cuándo."),
    "Consumo": _(
        "Las barras y lo que suman. cambio compara con la misma parte del período anterior: 0.1 es un décimo más."
    ),
    "Credenciales": _("codigo es el del segundo factor, para quien lo tiene."),
    "Cuenta": _(
        "Lo que el medidor necesita para conectarse al broker: se dice esta única vez. Es null donde las cuentas las"
        " hace una persona."
    ),
    "Format": _("La clase de archivo."),
    "Grain": _("Qué es cada fila: una lectura como llegó, 15 minutos, o una hora, un día o un mes del lugar."),
    "History": _("Los puntos en orden, y lo que resulta de todo el tramo."),
    "InvitacionAbierta": _("Una invitación que todavía se puede aceptar."),
    "InvitacionEnviada": _("El enlace, que se dice esta única vez, y si además salió por correo."),
    "InvitacionNueva": _(
        "Con rol propietario el medidor pasa a ser de quien acepte; con con_historia, también lo medido antes."
    ),
    "Lectura": _("Promedios de los dt segundos que terminan en t, y el registro de energía en t."),
    "Medidor": _(
        "Un medidor suyo, como está ahora. potencia_max_w es la mayor potencia que admite; es_parte_de, el medidor"
        " principal dentro del que está."
    ),
    "MedidorCambios": _(
        "Lo que debe cambiar; lo demás queda como está. es_parte_de es otro medidor suyo, o null si no está dentro de"
        " ninguno."
    ),
    "MedidorNuevo": _("Un medidor que existe desde ahora."),
    "NodeState": _("Cómo está el medidor."),
    "Oferta": _("Qué se ofrece y quién lo ofrece."),
    "Period": _("Qué es cada barra."),
    "Persona": _("Quién pide, y qué puede su pase."),
    "Placa": _("La otra placa."),
    "Point": _("Media, mínimo y máximo en el segundo t. Sin valores es un hueco."),
    "Problem": _("Qué salió mal. errores dice qué tiene de malo cada parte de lo que se envió."),
    "Rango": _("Una magnitud a lo largo de una ventana."),
    "Renovacion": _("Lo que se recibió al ingresar."),
    "Role": _("Lo que una persona puede con un medidor: todo, cambiar sus ajustes, o mirar."),
    "Scope": _("Lo que puede un token: leer, o también gestionar."),
    "Sesion": _("acceso va en Authorization: Bearer hasta vence; con renovacion se obtiene el siguiente."),
    "TokenCreado": _("Con el token mismo, esta única vez."),
    "TokenNuevo": _("dias es cuánto dura; sin eso vale hasta que se anule."),
    "TokenPersonal": _("Un token personal. ultimo_uso es exacto al minuto."),
    "Values": _("Los últimos valores: t es su segundo; leida, el de la última lectura completa."),
    "Ventana": _(
        "Una ventana de inicio a fin. De energia_wh, estimada_wh se repartió sobre un tiempo sin lecturas: su momento"
        " es estimado."
    ),
}
"""By the model's name."""
FIELDS: Final = {
    "Unix seconds": _("Segundos Unix"),
    "IANA name": _("De la IANA, como Europe/Madrid"),
}
"""By what its type says of it."""
