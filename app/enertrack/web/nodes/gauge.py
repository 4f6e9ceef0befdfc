"""The scale of the dial that shows power now."""

from typing import Final

import msgspec

LEAST_W: Final = 1000
STEPS: Final = (1, 2, 3, 5, 10)


class Gauge(msgspec.Struct, frozen=True):
    """A dial from nothing to ``most_w``."""

    most_w: int

    @classmethod
    def up_to(cls, watts: float | None) -> "Gauge":
        """A dial whose end is the round figure at or above the most that was measured."""
        wanted, unit = max(watts or 0.0, LEAST_W), LEAST_W
        while unit * STEPS[-1] < wanted:
            unit *= STEPS[-1]
        return cls(next(unit * step for step in STEPS if unit * step >= wanted))

    def share(self, watts: float | None) -> float:
        """How far round the dial that is, 0 to 1."""
        return round(min(1.0, max(0.0, (watts or 0.0) / self.most_w)), 4)
