"""All checks at once, each bounded in time; one that fails is a finding too."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from enertrack.doctor import host, names, ports, processes, served, stores, units
from enertrack.doctor.finding import Check, Place, failure
from enertrack.domain.examination import Examination, Finding, worst
from enertrack.domain.text import reason
from enertrack.domain.text import text as _

LIMIT_S: Final = 9.0
CHECKS: Final[Mapping[str, Check]] = {
    "nombres": names.check,
    "puertos": ports.check,
    "certificados": served.check,
    "servicios": units.services,
    "broker": stores.broker,
    "tablas": stores.tables,
    "mediciones": stores.measurements,
    "resumenes": stores.summaries,
    "medidores": stores.meters,
    "paginas": processes.pages,
    "ingesta": processes.ingest,
    "disco": host.disk,
    "memoria": host.memory,
    "reloj": units.clock,
    "respaldo": host.backup,
    "ensayo": host.rehearsal,
}


async def examine(place: Place, only: Sequence[str] = ()) -> Examination:
    """The findings of the checks ``only``, or of all."""
    names_ = [name for name in CHECKS if not only or name in only]
    found = await asyncio.gather(*(_bounded(CHECKS[name], place) for name in names_))
    controls = dict(zip(names_, found, strict=True))
    return Examination(place.now, worst([f for findings in found for f in findings]), controls)


async def _bounded(check: Check, place: Place) -> list[Finding]:
    means = _("no se sabe si esto funciona")
    try:
        async with asyncio.timeout(LIMIT_S):
            return await check(place)
    except TimeoutError:
        mend = _("repita `enertrack doctor`; si sigue igual, vea `journalctl -p warning -n 50`")
        return [failure(_("el control no terminó en %(seconds)s s", seconds=f"{LIMIT_S:g}"), means, mend)]
    except Exception as error:  # noqa: BLE001 - a check that breaks must not hide the others
        mend = _("ejecútelo como root (`sudo enertrack doctor`); si sigue igual, informe el error con este texto")
        told = _("el control no pudo hacerse (%(kind)s: %(error)s)", kind=type(error).__name__, error=reason(error))
        return [failure(told, means, mend)]
