"""What all of a person's meters come to, a sub-meter counting once with its main meter."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from enertrack.domain.state import NodeState
from enertrack.domain.submeters import counted, unmeasured
from enertrack.web.figures import Comparison, Figures
from enertrack.web.meters import Meter

Parents = Mapping[int, int | None]


class Summary(msgspec.Struct, frozen=True):
    """Power and current added up, voltage and frequency as means, the power factor of the sum.

    Over the active meters; None where none of them says it. ``sin_medir`` is the power in W that a main meter measures
    beyond its sub-meters, by its esp_id.
    """

    potencia: float | None
    corriente: float | None
    tension: float | None
    frecuencia: float | None
    fp: float | None
    sin_medir: dict[str, float]


class Totals(msgspec.Struct, frozen=True):
    """Energies in Wh, and how they compare with as much of the day and of the month before."""

    today_wh: float | None
    month_wh: float | None
    day: Comparison | None
    month: Comparison | None


def summary(meters: Iterable[Meter]) -> Summary:
    """Sums and means of the meters that deliver."""
    active = {m.node.id: m for m in meters if m.state is NodeState.ACTIVE}
    parents = {i: m.node.padre_id for i, m in active.items()}
    now = [m.values for m in active.values()]
    counting = [active[i].values for i in counted(parents, active)]
    apparent = [v for v in counting if v.potencia is not None and v.tension and v.corriente]
    powers = {i: m.values.potencia for i, m in active.items() if m.values.potencia is not None}
    return Summary(
        potencia=_sum([v.potencia for v in counting]),
        corriente=_sum([v.corriente for v in counting]),
        tension=_mean([v.tension for v in now]),
        frecuencia=_mean([v.frecuencia for v in now]),
        fp=_ratio(
            sum(v.potencia or 0.0 for v in apparent), sum((v.tension or 0.0) * (v.corriente or 0.0) for v in apparent)
        ),
        sin_medir={active[i].node.esp_id: power for i, power in unmeasured(parents, powers).items()},
    )


def totals(parents: Parents, found: Mapping[int, Figures]) -> Totals:
    """All meters together, by node id."""
    return Totals(
        today_wh=_sum_once(parents, {i: f.today_wh for i, f in found.items()}),
        month_wh=_sum_once(parents, {i: f.month_wh for i, f in found.items()}),
        day=_compared(parents, {i: f.day for i, f in found.items()}),
        month=_compared(parents, {i: f.month for i, f in found.items()}),
    )


def _sum_once(parents: Parents, values: Mapping[int, float | None]) -> float | None:
    told = {i: v for i, v in values.items() if v is not None}
    return _sum([told[i] for i in counted(parents, told)])


def _compared(parents: Parents, pairs: Mapping[int, Comparison | None]) -> Comparison | None:
    both = {i: pair for i, pair in pairs.items() if pair is not None}
    counting = [both[i] for i in counted(parents, both)]
    return Comparison(sum(c.now_wh for c in counting), sum(c.then_wh for c in counting)) if counting else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v]
    return sum(known) / len(known) if known else None


def _ratio(active: float, apparent: float) -> float | None:
    return max(-1.0, min(1.0, active / apparent)) if apparent else None
