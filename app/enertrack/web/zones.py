"""The time zones that a person may choose."""

from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

import wtforms
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined,unused-ignore]

from enertrack.web.i18n import lazy_gettext as _

COMMON: Final = (
    "America/Argentina/Buenos_Aires",
    "Europe/Madrid",
    "Atlantic/Canary",
    "America/Montevideo",
    "America/Santiago",
    "America/Asuncion",
    "America/La_Paz",
    "America/Lima",
    "America/Bogota",
    "America/Caracas",
    "America/Mexico_City",
    "UTC",
)
CONTINENTS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


class ZoneField(wtforms.SelectField):  # type: ignore[misc,unused-ignore]
    """One of the IANA's zones, the common ones first; one that is kept stays although it is not offered."""

    def __init__(self, label: str | None = None, **options: Any) -> None:  # noqa: ANN401 - the library's
        self._offers = _offered()
        super().__init__(label, choices=self._offers, **options)

    def process_data(self, value: Any) -> None:  # noqa: ANN401 - the library's
        """Begin with a value that a row has."""
        super().process_data(value)
        if value and all(value != choice.value for choice in self._offers):
            self.choices = [*self._offers, _choice(value, str(_("Otra")))]


def _offered() -> list[SelectChoice]:
    common, others = str(_("Más usadas")), str(_("Todas"))
    return [_choice(zone, common) for zone in COMMON] + [_choice(zone, others) for zone in _others()]


@lru_cache(1)
def _others() -> list[str]:
    return sorted(z for z in available_timezones() if z.partition("/")[0] in CONTINENTS and z not in COMMON)


def _choice(zone: str, group: str) -> SelectChoice:
    return SelectChoice(zone, zone.replace("_", " "), optgroup=group)
