"""What an import says at its end, in Spanish."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from enertrack.log import escaped
from enertrack.original.points import Seen
from enertrack.original.readings import Kept
from enertrack.original.spool import Extent
from enertrack.original.take import Taken

MOST = 50


def people(taken: Taken, *, dry: bool) -> Iterator[str]:
    """How many came of each kind."""
    come = "vendrían" if dry else "nuevos"
    for kind, counted in taken.counts.items():
        yield f"{kind.capitalize()}: {counted.new} {come}, {counted.known} ya estaban."


def coming(extents: Mapping[str, Extent], zone: ZoneInfo) -> Iterator[str]:
    """What would come of each meter."""
    for board, extent in extents.items():
        yield f"Mediciones de {board}: {extent.points} valores, {_period(extent.first, extent.last, zone)}."


def came(kept: Mapping[str, Kept], zone: ZoneInfo) -> Iterator[str]:
    """What came of each meter."""
    for board, k in kept.items():
        period = f", {_period(k.first, k.last, zone)}" if k.readings else ""
        yield f"Mediciones de {board}: {k.readings} lecturas ({k.new} nuevas){period}."


def left(seen: Seen, kept: Mapping[str, Kept]) -> Iterator[str]:
    """Lines and values of the measurements that were not taken."""
    counts = {
        "líneas rotas": seen.broken,
        "líneas de otras mediciones, que no son de medidores": seen.other,
        "líneas con una hora imposible": seen.undated,
    }
    yield from (f"{what}: {n}" for what, n in counts.items() if n)
    for board, n in seen.strangers.most_common():
        yield f"mediciones de {escaped(board)[:40]}, que no es un medidor de la copia: {n}"
    for board, k in kept.items():
        yield from (f"valores de {board} que no se pueden guardar ({why}): {n}" for why, n in k.refused.items())


def refusals(told: Iterable[str]) -> Iterator[str]:
    """What was not brought and why; a long list is cut."""
    lines = list(told)
    if lines:
        yield "No se trajo, o queda como estaba:"
    yield from (f"  - {line}" for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"  y {len(lines) - MOST} más."


def _period(first: int, last: int, zone: ZoneInfo) -> str:
    start, end = (datetime.fromtimestamp(t, zone) for t in (first, last))
    return f"del {start:%d/%m/%Y} al {end:%d/%m/%Y}"
