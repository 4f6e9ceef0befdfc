"""Energy between two states of a meter's register.

The PZEM-004T keeps its register in whole Wh and rolls over after 9,999.99 kWh.
"""

from enum import StrEnum
from typing import Final

import msgspec

from enertrack.domain.boards import board_of

WRAP_WH: Final = 10_000_000
"""Where the PZEM-004T's register begins again at zero."""
MAX_WRAP_WH: Final = WRAP_WH / 2
"""Round a circle only half a turn tells forwards from backwards; the cap of a long gap allows more."""
SLACK_WH: Final = 50.0
DEFAULT_MAX_W: Final = 26_500.0
"""What a PZEM-004T with its 100 A clamp can measure: 265 V x 100 A."""
GAP_FACTOR: Final = 3


class Step(StrEnum):
    """What happened between two states of a register."""

    NORMAL = "normal"
    WRAP = "vuelta"
    CLOCK = "reloj"
    RESET = "reinicio"
    REPLACED = "reemplazo"


class Register(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The state ``wh`` of a meter's register at ``t``, from a reading of ``dt`` seconds."""

    t: int
    dt: int
    wh: float
    seq: int | None


class Increment(msgspec.Struct, frozen=True, gc=False):
    """Energy in Wh used between two registers, how it was found, and whether its times are a guess."""

    wh: float
    step: Step
    estimated: bool


def increment(a: Register, b: Register, max_w: float) -> Increment:
    """Energy from ``a`` to ``b`` (``a.t < b.t``) of a meter rated ``max_w`` W.

    At most what the meter can measure in that time; negative only by a step of the meter's clock.
    """
    cap = max_w * (b.t - a.t) / 3600 + SLACK_WH
    wh, step = _step(a, b, cap)
    return Increment(wh, step, b.t - a.t > GAP_FACTOR * max(a.dt, b.dt))


def _step(a: Register, b: Register, cap: float) -> tuple[float, Step]:
    if board_of(a.seq) != board_of(b.seq):
        return 0.0, Step.REPLACED
    delta = b.wh - a.wh
    if delta >= 0:
        return (delta, Step.NORMAL) if delta <= cap else (0.0, Step.REPLACED)
    if a.wh <= WRAP_WH and delta + WRAP_WH <= min(cap, MAX_WRAP_WH):
        return delta + WRAP_WH, Step.WRAP
    if -delta <= cap and a.seq is not None and b.seq is not None and b.seq < a.seq:
        return delta, Step.CLOCK
    return (b.wh, Step.RESET) if b.wh <= cap else (0.0, Step.REPLACED)
