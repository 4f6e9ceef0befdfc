"""What several meters come to over the same time: what a main meter measures too counts once."""

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from enertrack.domain.submeters import standing_for
from enertrack.domain.summary import Consumption

MOSTLY: Final = 0.9
"""How much of a time a meter must have measured to stand for it."""
Parents = Mapping[int, int | None]


class Told(msgspec.Struct, frozen=True, gc=False):
    """What a meter says of a bin: energies in Wh, and how many of the seconds that have passed of it were covered."""

    wh: float
    estimated_wh: float
    covered_s: int
    passed_s: int

    @property
    def mostly(self) -> bool:
        """Whether the meter was there for most of it."""
        return self.covered_s >= MOSTLY * self.passed_s

    def __add__(self, other: "Told") -> "Told":
        """Both times together."""
        return Told(
            self.wh + other.wh,
            self.estimated_wh + other.estimated_wh,
            self.covered_s + other.covered_s,
            self.passed_s + other.passed_s,
        )


Cell = Mapping[int, Told]
"""What the meters that say something of a bin say, by node id."""


def told(part: Consumption, now: int) -> Told | None:
    """What a meter says of a bin, None where no reading tells anything."""
    if not (part.summary.count or part.energy_wh):
        return None
    return Told(part.energy_wh, part.estimated_wh, part.summary.covered_s, max(0, min(part.end, now) - part.start))


def cell(parts: Mapping[int, Consumption], now: int) -> dict[int, Told]:
    """The same of several meters, by node id."""
    return {i: t for i, part in parts.items() if (t := told(part, now)) is not None}


def standing(parents: Parents, found: Cell) -> Collection[Told]:
    """Those whose sum is that of all: a main meter, or its sub-meters where it was away and they know more."""
    if parents.keys().isdisjoint(found):
        return found.values()
    whole = {i for i, t in found.items() if t.mostly}
    return [found[i] for i in standing_for(parents, {i: t.wh for i, t in found.items()}, whole)]
