"""What a meter measured, and the marks that every reading must keep."""

from typing import Final

import msgspec


class Reading(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Means and registers of one meter over the seconds (t - dt, t].

    ``t`` is Unix time in seconds, ``dt`` seconds (0 for the reading that opens a run), ``seq`` the
    meter's counter (None for boards of the original; see ``boards`` for a node that has had several).
    Units: ``tension`` V, ``corriente`` A, ``potencia`` mean W, ``potencia_max`` W, ``fp`` -1..1,
    ``frecuencia`` Hz, ``energia_wh`` the meter's register, ``consumo_wh`` the energy of the window where
    there is no register, ``calidad`` 0..3.
    """

    t: int
    dt: int
    seq: int | None = None
    energia_wh: float | None = None
    consumo_wh: float | None = None
    potencia: float | None = None
    potencia_max: float | None = None
    tension: float | None = None
    corriente: float | None = None
    fp: float | None = None
    frecuencia: float | None = None
    calidad: int = 0


MAGNITUDES: Final = ("tension", "corriente", "potencia", "fp", "frecuencia")
"""The magnitudes that summaries keep; ``potencia_max`` lives on as the maximum of ``potencia``."""
