"""What a meter measures, as pages show it."""

import msgspec

from enertrack.web.i18n import gettext as _


class Magnitude(msgspec.Struct, frozen=True):
    """A magnitude: its name in readings and addresses, its unit, the decimals that mean something, its icon."""

    name: str
    unit: str
    decimals: int
    icon: str

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return {
            "potencia": _("Potencia"),
            "tension": _("Tensión"),
            "corriente": _("Corriente"),
            "fp": _("Factor de potencia"),
            "frecuencia": _("Frecuencia"),
        }[self.name]


POWER = Magnitude("potencia", "W", 0, "lightning-charge-fill")
VOLTAGE = Magnitude("tension", "V", 1, "plug")
CURRENT = Magnitude("corriente", "A", 2, "activity")
FACTOR = Magnitude("fp", "", 2, "percent")
FREQUENCY = Magnitude("frecuencia", "Hz", 2, "soundwave")
ALL = (POWER, VOLTAGE, CURRENT, FACTOR, FREQUENCY)
BY_NAME = {m.name: m for m in ALL}
