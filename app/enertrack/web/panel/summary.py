"""What all of a person's meters come to."""

from collections.abc import Iterable, Sequence

import msgspec

from enertrack.domain.state import NodeState
from enertrack.web.meters import Meter


class Summary(msgspec.Struct, frozen=True):
    """Power and current added up, voltage and frequency as means, the power factor of the sum.

    Over the active meters; None where none of them says it.
    """

    potencia: float | None
    corriente: float | None
    tension: float | None
    frecuencia: float | None
    fp: float | None


def summary(meters: Iterable[Meter]) -> Summary:
    """Sums and means of the meters that deliver."""
    now = [m.values for m in meters if m.state is NodeState.ACTIVE]
    apparent = [v for v in now if v.potencia is not None and v.tension and v.corriente]
    return Summary(
        potencia=_sum([v.potencia for v in now]),
        corriente=_sum([v.corriente for v in now]),
        tension=_mean([v.tension for v in now]),
        frecuencia=_mean([v.frecuencia for v in now]),
        fp=_ratio(
            sum(v.potencia or 0.0 for v in apparent), sum((v.tension or 0.0) * (v.corriente or 0.0) for v in apparent)
        ),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v]
    return sum(known) / len(known) if known else None


def _ratio(active: float, apparent: float) -> float | None:
    return max(-1.0, min(1.0, active / apparent)) if apparent else None
