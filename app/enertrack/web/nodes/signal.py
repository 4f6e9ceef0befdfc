"""How well a meter hears its Wi-Fi."""

from enertrack.web.i18n import gettext as _

LEVELS = (-60, -70, -80, -90)
"""dBm at or above which a signal has 4, 3, 2, 1 bars."""


def bars(dbm: int) -> int:
    """0 to 4."""
    return sum(dbm >= level for level in LEVELS)


def words(dbm: int) -> str:
    """What the bars mean."""
    return (_("casi nula"), _("débil"), _("regular"), _("buena"), _("excelente"))[bars(dbm)]
