"""Summaries of windows of readings: a monoid, so that any range is a fold.

A summary holds only what follows from the readings inside its window; two neighbours combine into
one, the step between them being one more increment. A reading at ``t`` belongs to the window
(start, end] that ``t`` lies in, as it covers (t - dt, t].
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import reduce
from itertools import pairwise

import msgspec

from enertrack.domain.energy import Increment, Register, Step, increment
from enertrack.domain.reading import MAGNITUDES, Reading


class Stat(msgspec.Struct, frozen=True, gc=False):
    """A magnitude over a window; ``weight_s`` are the seconds behind ``sum`` (value x seconds)."""

    sum: float
    weight_s: float
    min: float
    max: float

    @property
    def mean(self) -> float | None:
        """The mean over time, None where no second was covered."""
        return self.sum / self.weight_s if self.weight_s else None


class Summary(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a window's readings say; ``EMPTY`` is the neutral element.

    ``first_t`` and ``last_t`` are of any reading, ``first`` and ``last`` of those with a register;
    ``energy_wh`` is the energy between these two, ``estimated_wh`` its part whose times are a guess.
    ``before_wh`` and ``after_wh`` are the ``consumo_wh`` of readings that no register of this window
    brackets (all of it is ``before_wh`` where there is no register). ``steps`` counts the increments
    that were not normal.
    """

    count: int = 0
    covered_s: int = 0
    first_t: int = 0
    first_dt: int = 0
    last_t: int = 0
    first: Register | None = None
    last: Register | None = None
    energy_wh: float = 0.0
    estimated_wh: float = 0.0
    before_wh: float = 0.0
    after_wh: float = 0.0
    steps: dict[Step, int] = {}
    magnitudes: dict[str, Stat] = {}


EMPTY = Summary()


class Window(msgspec.Struct, frozen=True, gc=False):
    """A summary and the window (start, end] that it stands for, Unix seconds."""

    start: int
    end: int
    summary: Summary


def of_reading(r: Reading) -> Summary:
    """Summary of one reading."""
    register = None if r.energia_wh is None else Register(r.t, r.dt, r.energia_wh, r.seq)
    return Summary(
        count=1,
        covered_s=r.dt,
        first_t=r.t,
        first_dt=r.dt,
        last_t=r.t,
        first=register,
        last=register,
        before_wh=(r.consumo_wh or 0.0) if register is None else 0.0,
        magnitudes=_stats(r),
    )


def _stats(r: Reading) -> dict[str, Stat]:
    found = {}
    for name in MAGNITUDES:
        value: float | None = getattr(r, name)
        if value is not None:
            top = value
            if name == "potencia" and r.potencia_max is not None:
                top = max(value, r.potencia_max)
            found[name] = Stat(value * r.dt, r.dt, value, top)
    return found


def combine(a: Summary, b: Summary, max_w: float) -> Summary:
    """Summary of two neighbours, all readings of ``a`` being older than those of ``b``."""
    if not a.count:
        return b
    if not b.count:
        return a
    step = increment(a.last, b.first, max_w) if a.last and b.first else None
    before, after = _unbracketed(a, b)
    return Summary(
        count=a.count + b.count,
        covered_s=a.covered_s + b.covered_s - max(0, a.last_t - (b.first_t - b.first_dt)),
        first_t=a.first_t,
        first_dt=a.first_dt,
        last_t=b.last_t,
        first=a.first or b.first,
        last=b.last or a.last,
        energy_wh=a.energy_wh + b.energy_wh + (step.wh if step else 0.0),
        estimated_wh=a.estimated_wh + b.estimated_wh + (step.wh if step and step.estimated else 0.0),
        before_wh=before,
        after_wh=after,
        steps=_count(a.steps, b.steps, step),
        magnitudes={n: _join(a.magnitudes.get(n), b.magnitudes.get(n)) for n in {**a.magnitudes, **b.magnitudes}},
    )


def _unbracketed(a: Summary, b: Summary) -> tuple[float, float]:
    if a.last and b.first:
        return a.before_wh, b.after_wh
    if a.last:
        return a.before_wh, a.after_wh + b.before_wh
    return a.before_wh + b.before_wh, b.after_wh


def _count(a: dict[Step, int], b: dict[Step, int], step: Increment | None) -> dict[Step, int]:
    total = dict(a)
    for kind, n in b.items():
        total[kind] = total.get(kind, 0) + n
    if step and step.step is not Step.NORMAL:
        total[step.step] = total.get(step.step, 0) + 1
    return total


def _join(a: Stat | None, b: Stat | None) -> Stat:
    if a is None or b is None:
        known = a or b
        assert known is not None
        return known
    return Stat(a.sum + b.sum, a.weight_s + b.weight_s, min(a.min, b.min), max(a.max, b.max))


def fold(summaries: Iterable[Summary], max_w: float) -> Summary:
    """Summary of neighbours in the order of time."""
    return reduce(lambda a, b: combine(a, b, max_w), summaries, EMPTY)


def summarize(readings: Iterable[Reading], max_w: float) -> Summary:
    """Summary of readings in any order; of two of one second the later given stands."""
    by_time = {r.t: r for r in readings}
    return fold((of_reading(by_time[t]) for t in sorted(by_time)), max_w)


class Consumption(msgspec.Struct, frozen=True, gc=False):
    """Energy of one bin (start, end], with its estimated part and the summary of its own readings."""

    start: int
    end: int
    energy_wh: float
    estimated_wh: float
    summary: Summary


class _Flow(msgspec.Struct, frozen=True, gc=False):
    """Energy that flowed evenly over (start, end]."""

    start: int
    end: int
    wh: float
    estimated_wh: float


def consumption(windows: Iterable[Window], edges: list[int], max_w: float) -> list[Consumption]:
    """Energy of each bin between neighbouring ``edges`` (rising Unix seconds).

    ``windows`` in the order of time, none cut by an edge, with the nearest one that has a register on
    either side of the range, where there is one: energy that crosses an edge is shared by time. The
    energies of the bins add up to that of the whole range.
    """
    windows = [w for w in windows if w.summary.count]
    energy, estimated = _shared(_flows(windows, max_w), edges)
    inside: list[list[Summary]] = [[] for _ in energy]
    for w in windows:
        if edges[0] <= w.start < edges[-1]:
            inside[bisect_right(edges, w.start) - 1].append(w.summary)
    return [
        Consumption(start, end, energy[i], estimated[i], fold(inside[i], max_w))
        for i, (start, end) in enumerate(pairwise(edges))
    ]


def _shared(flows: list[_Flow], edges: list[int]) -> tuple[list[float], list[float]]:
    energy = [0.0] * (len(edges) - 1)
    estimated = [0.0] * (len(edges) - 1)
    for f in flows:
        i = max(0, bisect_right(edges, f.start) - 1)
        while i < len(energy) and edges[i] < f.end:
            share = (min(f.end, edges[i + 1]) - max(f.start, edges[i])) / (f.end - f.start)
            energy[i] += share * f.wh
            estimated[i] += share * f.estimated_wh
            i += 1
    return energy, estimated


def _flows(windows: list[Window], max_w: float) -> list[_Flow]:
    """Energy inside the windows, across their borders, and of readings that no register brackets."""
    flows = []
    last: Register | None = None
    final = max((i for i, w in enumerate(windows) if w.summary.last), default=-1)
    for i, w in enumerate(windows):
        s = w.summary
        loose = (s.before_wh if last is None or i > final else 0.0) + (s.after_wh if i >= final else 0.0)
        flows.append(_Flow(w.start, w.end, loose, 0.0))
        if s.first and s.last:
            if last:
                step = increment(last, s.first, max_w)
                flows.append(_Flow(last.t, s.first.t, step.wh, step.wh if step.estimated else 0.0))
            flows.append(_Flow(s.first.t, s.last.t, s.energy_wh, s.estimated_wh))
            last = s.last
    return [f for f in flows if f.wh and f.end > f.start]
