"""What a person fills in about their meters."""

import re
from typing import Final

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, validators
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined,unused-ignore]

from enertrack.domain.energy import DEFAULT_MAX_W
from enertrack.stores.broker.rights import Meter
from enertrack.stores.broker.topics import V1, V1_ID_LENGTH
from enertrack.stores.tables import Role
from enertrack.web.forms import Form, Pattern, length, mail, required, stripped
from enertrack.web.i18n import lazy_gettext as _
from enertrack.web.zones import ZoneField

BOARD: Final = r"([0-9A-Fa-f]{2}[:. \-]?){3}[0-9A-Fa-f]{2}(([:. \-]?[0-9A-Fa-f]{2}){2})?"
MOST_W: Final = 1_000_000
SHORTEST_S, LONGEST_S = 5, 3_600


def board_id(value: str | None) -> str | None:
    """A filter: an id as it is printed or as a router shows it, as the tables have it."""
    return re.sub(r"[:.\s-]", "", value).upper() if value else value


class Whole(IntegerField):  # type: ignore[misc,unused-ignore]
    """A number without decimals."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError in the reader's language."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Escriba un número entero.")) from None


def _between(least: int, most: int, message: str) -> list[validators.InputRequired | validators.NumberRange]:
    return [validators.InputRequired(message), validators.NumberRange(least, most, message)]


class BoardForm(Form):
    """A board, by the id that is printed on it."""

    esp_id = StringField(
        _("Identificador de la placa"),
        [required(), Pattern(BOARD, _("Son 12 cifras y letras de la A a la F (8 en las placas originales)."))],
        [board_id],
        description=_("Está impreso en la placa. Con o sin dos puntos, en mayúsculas o minúsculas."),
    )

    @property
    def meter(self) -> Meter:
        """The board; those of the original, with 8 digits, speak as the original."""
        esp_id = self.esp_id.data or ""
        return Meter(esp_id, V1 if len(esp_id) == V1_ID_LENGTH else 2)


class PlaceForm(Form):
    """What a meter is called and what it measures."""

    nombre = StringField(
        _("Nombre"), [required(), length(1, 100, _("El nombre puede tener hasta 100 caracteres."))], [stripped]
    )
    descripcion = StringField(
        _("Descripción"),
        [validators.Optional(), length(0, 255, _("La descripción puede tener hasta 255 caracteres."))],
        [stripped],
    )
    ubicacion = StringField(
        _("Ubicación"),
        [validators.Optional(), length(0, 100, _("La ubicación puede tener hasta 100 caracteres."))],
        [stripped],
        description=_("Dónde está para usted, como «Tablero principal». Solo usted la ve."),
    )
    zona_horaria = ZoneField(_("Zona horaria"))
    potencia_max_w = Whole(
        _("Potencia máxima (W)"),
        _between(100, MOST_W, _("Escriba un número entre 100 y 1.000.000.")),
        default=int(DEFAULT_MAX_W),
        description=_("Lo que el lugar nunca supera; 26.500 W es todo lo que mide un PZEM con pinza de 100 A."),
    )


class EnrolForm(BoardForm, PlaceForm):
    """A new meter."""


class SettingsForm(PlaceForm):
    """A meter that is there."""

    intervalo_s = Whole(
        _("Segundos entre lecturas"),
        _between(SHORTEST_S, LONGEST_S, _("Escriba un número entre 5 y 3600.")),
        description=_("Cada cuánto envía la placa; después de tres sin noticias figura desconectado."),
    )
    padre_id = SelectField(
        _("Es parte de"),
        coerce=lambda value: int(value) if value else None,
        description=_("El medidor que también mide este consumo, para no sumarlo dos veces."),
    )


class ShareForm(Form):
    """Whom to share a meter with, and what they may do."""

    rol = RadioField(
        _("Qué podrá hacer"),
        choices=[
            SelectChoice(Role.LECTOR.value, _("Lector: solo mirar")),
            SelectChoice(Role.GESTOR.value, _("Gestor: mirar, cambiar los ajustes y renovar la credencial")),
        ],
        default=Role.LECTOR.value,
        validators=[validators.InputRequired(_("Elija una de las dos."))],
    )
    correo = StringField(_("Correo (opcional)"), [validators.Optional(), *mail()], [stripped])


class HandOverForm(Form):
    """To whom a meter goes."""

    con_historia = BooleanField(_("Con la historia: quien lo reciba verá también lo medido hasta ahora"))
    correo = StringField(
        _("Correo de quien lo recibe (opcional)"),
        [validators.Optional(), *mail()],
        [stripped],
        id="correo-transferir",
    )
