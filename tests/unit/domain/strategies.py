"""Histories of meters: what they measured, and what went wrong meanwhile."""

from datetime import datetime
from itertools import product
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from enertrack.domain.energy import WRAP_WH
from enertrack.domain.reading import Reading

MAX_W = 26_500.0
CALM = ("run", "silent sensor")
STORM = ("run", "run", *CALM, "reset", "new meter", "clock back")

NOTABLE = {
    "Europe/Madrid": ("2026-03-29", "2026-10-25", "2026-12-31"),
    "America/Argentina/Buenos_Aires": ("2008-03-16", "2008-10-19", "2026-07-09"),
    "Asia/Kathmandu": ("1986-01-01", "2026-04-14", "2027-01-01"),
}
"""Days on which, or on the eve of which, something happens to the clocks or the calendar of each zone."""


@st.composite
def starts(draw: st.DrawFn, zone: str) -> int:
    day = draw(st.sampled_from(NOTABLE[zone]))
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))
    return int(noon.timestamp()) + draw(st.integers(-40_000, 40_000))


GAPS = (7, 60, 60, 60, 120, 179, 181, 600, 900, 3_600, 5_000, 30_000, 90_000, 2_000_000)
LOADS = (0.0, 0.01, 0.3, 1.0)
"""Of what the meter can measure."""


@st.composite
def histories(draw: st.DrawFn, start: int, events: tuple[str, ...] = STORM) -> list[Reading]:
    """Readings in the order in which a meter took them; only a clock that steps back makes times fall."""
    register = draw(st.sampled_from((0, 123_456, WRAP_WH - 300)))
    happened = draw(st.lists(st.sampled_from(list(product(GAPS, LOADS, events))), max_size=15))
    dice = Random(draw(st.integers(0, 999)))
    t, seq = start, 7
    taken = [_reading(dice, t, 0, seq, register)]
    for gap, load, event in happened:
        t, seq = t + gap, seq + 1
        used = min(int(MAX_W * gap / 3600 * load), WRAP_WH // 60)
        register = (register + used) % WRAP_WH
        if event == "reset":
            register = used % 100
        elif event == "new meter":
            register = dice.randint(0, WRAP_WH)
        elif event == "clock back":
            t -= dice.randint(1, 2 * gap)
        taken.append(_reading(dice, t, min(gap, dice.choice((60, 120))), seq, register))
        if event == "silent sensor":
            taken[-1] = Reading(t=t, dt=60, seq=seq, consumo_wh=float(used % 500))
    return taken


def _reading(dice: Random, t: int, dt: int, seq: int, register: int) -> Reading:
    """Magnitudes whose sums are exact, so that equality can be asked for, and some that are missing."""
    tension, potencia, potencia_max = (
        dice.choice((None, dice.randint(low * 4, high * 4) / 4)) for low, high in ((180, 260), (-50, 5000), (-50, 6000))
    )
    return Reading(
        t=t, dt=dt, seq=seq, energia_wh=float(register), tension=tension, potencia=potencia, potencia_max=potencia_max
    )


def in_zones(events: tuple[str, ...] = STORM) -> st.SearchStrategy[tuple[ZoneInfo, list[Reading]]]:
    """A zone and a history that meets its notable days."""

    def lived(zone: str) -> st.SearchStrategy[tuple[ZoneInfo, list[Reading]]]:
        return starts(zone).flatmap(lambda start: st.tuples(st.just(ZoneInfo(zone)), histories(start, events)))

    return st.sampled_from(sorted(NOTABLE)).flatmap(lived)
