"""The forms of ``/perfil``; each has its own prefix, since they share a page."""

from typing import Any

import wtforms
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined,unused-ignore]

from enertrack.stores.personal_tokens import Scope
from enertrack.web import passwords
from enertrack.web.auth import guesses
from enertrack.web.auth.registration import mail_field, name_field
from enertrack.web.forms import Form, length, required, stripped
from enertrack.web.i18n import gettext
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.zones import ZoneField

THEMES = {"auto": _("Automático, como el equipo"), "claro": _("Claro"), "oscuro": _("Oscuro")}


class Preferences(Form):
    """How the pages speak and look to a person."""

    idioma = wtforms.SelectField(_("Idioma"), choices={"es": "Español", "en": "English"})
    tema = wtforms.SelectField(_("Tema"), choices=[SelectChoice(value, name) for value, name in THEMES.items()])
    zona_horaria = ZoneField(_("Zona horaria"))


class Identity(Form):
    """Who a person is here."""

    nombre_usuario = name_field()
    correo = mail_field()
    actual = passwords.present_password(_("Contraseña actual"))


class Password(Form):
    """Another password."""

    actual = passwords.present_password(_("Contraseña actual"))
    clave = passwords.new_password(_("Contraseña nueva"))


class Removal(Form):
    """The end of the account."""

    actual = passwords.present_password(_("Contraseña actual"))
    seguro = wtforms.BooleanField(_("Entiendo que no se puede deshacer."), [required()])


class TokenForm(Form):
    """A new token."""

    nombre = wtforms.StringField(
        _("Para qué es"),
        [required(), length(1, 100, _("El nombre puede tener hasta 100 caracteres."))],
        [stripped],
        description=_("Por ejemplo, «Planilla de la oficina»."),
    )
    alcance = wtforms.SelectField(
        _("Qué podrá hacer"),
        choices=[
            SelectChoice(Scope.LEER.value, _("Solo leer")),
            SelectChoice(Scope.GESTIONAR.value, _("Leer y gestionar")),
        ],
    )
    dias = wtforms.SelectField(
        _("Vence"),
        coerce=int,
        default=90,
        choices=[
            SelectChoice(30, _("En 30 días")),
            SelectChoice(90, _("En 90 días")),
            SelectChoice(365, _("En un año")),
            SelectChoice(0, _("Nunca")),
        ],
    )


async def proven(form: Any) -> int:  # noqa: ANN401 - any form with the field ``actual``
    """The status to show the form with again; 0 where its fields are right and so is the password."""
    if not form.validate():
        return 422
    try:
        if await guesses.own(form.actual.data):
            return 0
    except guesses.TooMany:
        form.actual.errors = [gettext("Demasiados intentos. Espere un minuto y vuelva a probar.")]
        return 429
    form.actual.errors = [gettext("La contraseña no es correcta.")]
    return 422
