"""Summaries of windows of readings: a monoid, so that any range is a fold.

A summary holds only what follows from the readings inside its window; two neighbours combine into
one, the step between them being one more increment. A reading at ``t`` belongs to the window
(start, end] that ``t`` lies in, as it covers (t - dt, t].
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import pairwise
from operator import mul
from typing import TypeAlias

import msgspec

from enertrack.domain.energy import Increment, Register, Step, increment
from enertrack.domain.reading import MAGNITUDES, Reading


class Stat(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A magnitude over a window; ``weight_s`` are the seconds behind ``sum`` (value x seconds)."""

    sum: float
    weight_s: float
    min: float
    max: float

    @property
    def mean(self) -> float | None:
        """The mean over time, None where no second was covered."""
        return self.sum / self.weight_s if self.weight_s else None


class Summary(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """What a window's readings say; ``EMPTY`` is the neutral element.

    ``covered_s`` are the seconds that readings cover, each at most back to the one before it.
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


class Window(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A summary and the window (start, end] that it stands for, Unix seconds."""

    start: int
    end: int
    summary: Summary


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
        magnitudes=_join(a.magnitudes, b.magnitudes),
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


def _join(a: dict[str, Stat], b: dict[str, Stat]) -> dict[str, Stat]:
    joined = {**a, **b}
    for name in a.keys() & b.keys():
        x, y = a[name], b[name]
        joined[name] = Stat(x.sum + y.sum, x.weight_s + y.weight_s, min(x.min, y.min), max(x.max, y.max))
    return joined


def fold(summaries: Iterable[Summary], max_w: float) -> Summary:
    """Summary of neighbours in the order of time."""
    return reduce(lambda a, b: combine(a, b, max_w), summaries, EMPTY)


def summarize(readings: Iterable[Reading], max_w: float) -> Summary:
    """Summary of readings in any order; of two of one second the later given stands.

    Equal to the fold of the summaries of each alone, without their cost.
    """
    by_time = {r.t: r for r in readings}
    ordered = [by_time[t] for t in sorted(by_time)]
    if not ordered:
        return EMPTY
    registers = [Register(r.t, r.dt, r.energia_wh, r.seq) for r in ordered if r.energia_wh is not None]
    steps = [increment(a, b, max_w) for a, b in pairwise(registers)]
    first, last = (registers[0], registers[-1]) if registers else (None, None)
    return Summary(
        count=len(ordered),
        covered_s=ordered[0].dt + sum(min(b.dt, b.t - a.t) for a, b in pairwise(ordered)),
        first_t=ordered[0].t,
        first_dt=ordered[0].dt,
        last_t=ordered[-1].t,
        first=first,
        last=last,
        energy_wh=sum((s.wh for s in steps), 0.0),
        estimated_wh=sum((s.wh for s in steps if s.estimated), 0.0),
        before_wh=sum((r.consumo_wh or 0.0 for r in ordered if first is None or r.t < first.t), 0.0),
        after_wh=sum((r.consumo_wh or 0.0 for r in ordered if last is not None and r.t > last.t), 0.0),
        steps=dict(Counter(s.step for s in steps if s.step is not Step.NORMAL)),
        magnitudes=_stats(ordered),
    )


def _stats(readings: list[Reading]) -> dict[str, Stat]:
    found = {}
    for name in MAGNITUDES:
        measured = [r for r in readings if getattr(r, name) is not None]
        if measured:
            values: list[float] = [getattr(r, name) for r in measured]
            spans = [r.dt for r in measured]
            peaks = [r.potencia_max for r in measured if r.potencia_max is not None] if name == "potencia" else []
            found[name] = Stat(sum(map(mul, values, spans), 0.0), sum(spans), min(values), max(values + peaks))
    return found


class Consumption(msgspec.Struct, frozen=True, gc=False):
    """Energy of one bin (start, end], with its estimated part and the summary of its own readings."""

    start: int
    end: int
    energy_wh: float
    estimated_wh: float
    summary: Summary


_Flow: TypeAlias = tuple[int, int, float, float]
"""Energy that flowed evenly: over (start, end], Wh, its estimated part."""


def consumption(windows: Iterable[Window], edges: list[int], max_w: float) -> list[Consumption]:
    """Energy of each bin between neighbouring ``edges`` (rising Unix seconds).

    ``windows`` in the order of time, none cut by an edge, with the nearest one that has a register on
    either side of the range, where there is one: energy that crosses an edge is shared by time. The
    energies of the bins add up to that of the whole range.
    """
    windows = [w for w in windows if w.summary.count]
    energy, estimated = _shared(_flows(windows, max_w), edges)
    inside = [EMPTY] * len(energy)
    for w in windows:
        if edges[0] <= w.start < edges[-1]:
            i = bisect_right(edges, w.start) - 1
            inside[i] = combine(inside[i], w.summary, max_w)
    return list(map(Consumption, edges, edges[1:], energy, estimated, inside))


def _shared(flows: Iterable[_Flow], edges: list[int]) -> tuple[list[float], list[float]]:
    energy = [0.0] * (len(edges) - 1)
    estimated = [0.0] * (len(edges) - 1)
    for start, end, wh, estimated_wh in flows:
        i = max(0, bisect_right(edges, start) - 1)
        while i < len(energy) and edges[i] < end:
            if edges[i] <= start and end <= edges[i + 1]:  # nearly all: nothing to share
                share = 1.0
            else:
                share = (min(end, edges[i + 1]) - max(start, edges[i])) / (end - start)
            energy[i] += share * wh
            estimated[i] += share * estimated_wh
            i += 1
    return energy, estimated


def _flows(windows: list[Window], max_w: float) -> Iterator[_Flow]:
    """Energy inside the windows, across their borders, and of readings that no register brackets."""
    last: Register | None = None
    final = max((i for i, w in enumerate(windows) if w.summary.last), default=-1)
    for i, w in enumerate(windows):
        s = w.summary
        loose = (s.before_wh if last is None or i > final else 0.0) + (s.after_wh if i >= final else 0.0)
        if loose:
            yield w.start, w.end, loose, 0.0
        if s.first and s.last:
            if last and last.t < s.first.t:
                step = increment(last, s.first, max_w)
                if step.wh:
                    yield last.t, s.first.t, step.wh, step.wh if step.estimated else 0.0
            if s.first.t < s.last.t:
                yield s.first.t, s.last.t, s.energy_wh, s.estimated_wh
            last = s.last
