"""What all of a person's meters come to, a sub-meter counting once with its main meter."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from enertrack.domain.state import NodeState
from enertrack.domain.submeters import counted, unmeasured
from enertrack.web.figures import Comparison, Figures
from enertrack.web.meters import Meter
from enertrack.web.together import Parents, Told, standing


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


def summary(parents: Parents, meters: Iterable[Meter]) -> Summary:
    """Sums and means of the meters that deliver."""
    active = {m.node.id: m for m in meters if m.state is NodeState.ACTIVE}
    now = [m.values for m in active.values()]
    powers = {i: m.values.potencia for i, m in active.items() if m.values.potencia is not None}
    currents = {i: m.values.corriente for i, m in active.items() if m.values.corriente is not None}
    counting = [active[i].values for i in counted(parents, powers)]
    apparent = [v for v in counting if v.tension and v.corriente]
    return Summary(
        potencia=_sum_once(parents, powers),
        corriente=_sum_once(parents, currents),
        tension=_mean([v.tension for v in now]),
        frecuencia=_mean([v.frecuencia for v in now]),
        fp=_ratio(
            sum(v.potencia or 0.0 for v in apparent), sum((v.tension or 0.0) * (v.corriente or 0.0) for v in apparent)
        ),
        sin_medir={active[i].node.esp_id: power for i, power in unmeasured(parents, powers).items()},
    )


def totals(parents: Parents, found: Mapping[int, Figures]) -> Totals:
    """All meters together, by node id: day by day, as the page of consumption does it."""
    days = {day for f in found.values() for day in f.days}
    today = {i: f.today for i, f in found.items() if f.today}
    return Totals(
        today_wh=_energy(standing(parents, today)),
        month_wh=_energy(
            [t for day in days for t in standing(parents, {i: f.days[day] for i, f in found.items() if day in f.days})]
        ),
        day=_compared(parents, {i: f.day for i, f in found.items()}),
        month=_compared(parents, {i: f.month for i, f in found.items()}),
    )


def _energy(told: Collection[Told]) -> float | None:
    return sum(t.wh for t in told) if told else None


def _sum_once(parents: Parents, values: Mapping[int, float]) -> float | None:
    return sum(values[i] for i in counted(parents, values)) if values else None


def _compared(parents: Parents, pairs: Mapping[int, Comparison | None]) -> Comparison | None:
    both = {i: pair for i, pair in pairs.items() if pair is not None}
    counting = [both[i] for i in counted(parents, both)]
    return Comparison(sum(c.now_wh for c in counting), sum(c.then_wh for c in counting)) if counting else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v]
    return sum(known) / len(known) if known else None


def _ratio(active: float, apparent: float) -> float | None:
    return max(-1.0, min(1.0, active / apparent)) if apparent else None
