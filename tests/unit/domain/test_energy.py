import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.boards import of_board
from enertrack.domain.energy import SLACK_WH, Increment, Register, Step, increment
from enertrack.domain.reading import Reading
from enertrack.domain.summary import fold, summarize

MAX_W = 26_500.0
A_WEEK = 7 * 86_400
A_MONTH = 30 * 86_400


def register(t: int, wh: float, seq: int | None = None, dt: int = 60) -> Register:
    return Register(t, dt, wh, seq)


@pytest.mark.parametrize(
    ("a", "b", "step", "wh"),
    [
        (register(0, 1000), register(60, 1000), Step.NORMAL, 0),
        (register(0, 1000), register(60, 1009), Step.NORMAL, 9),
        (register(0, 0), register(72, 580), Step.NORMAL, 580),
        (register(0, 0), register(72, 581), Step.REPLACED, 0),
        (register(0, 9_999_990), register(60, 10), Step.WRAP, 20),
        (register(0, 9_999_990, 5), register(60, 10, 6), Step.WRAP, 20),
        (register(0, 10_000_000), register(60, 0), Step.WRAP, 0),
        (register(0, 5000, 9), register(60, 4900, 8), Step.CLOCK, -100),
        (register(0, 5000, 9), register(60, 4508, 8), Step.REPLACED, 0),
        (register(0, 5000, 9), register(60, 400, 8), Step.RESET, 400),
        (register(0, 5000, 8), register(60, 4900, 9), Step.REPLACED, 0),
        (register(0, 5000, 9), register(60, 4900, 9), Step.REPLACED, 0),
        (register(0, 5000, None), register(60, 4900, 9), Step.REPLACED, 0),
        (register(0, 5000, 9), register(60, 4900, None), Step.REPLACED, 0),
        (register(0, 5000, 8), register(60, 0, 9), Step.RESET, 0),
        (register(0, 5000, 8), register(60, 12, 9), Step.RESET, 12),
        (register(0, 5000, 8), register(60, 8_000_000, 9), Step.REPLACED, 0),
    ],
)
def test_each_step(a: Register, b: Register, step: Step, wh: float) -> None:
    assert increment(a, b, MAX_W) == Increment(wh, step, estimated=False)


def test_a_long_gap_lets_much_energy_pass_but_not_more_than_half_a_turn_of_the_register() -> None:
    assert increment(register(0, 8_000_000), register(A_MONTH, 1_000_000), MAX_W).wh == 3_000_000
    new_meter = increment(register(0, 500_000), register(A_MONTH, 20_000), MAX_W)
    assert (new_meter.step, new_meter.wh) == (Step.RESET, 20_000)


def test_a_register_above_the_wrap_never_wraps() -> None:
    """Meters other than the PZEM-004T may count further: 2e7 to 100 is no turn round 1e7."""
    assert increment(register(0, 2e7), register(60, 100), MAX_W).step is Step.RESET


@pytest.mark.parametrize(
    ("dt_a", "dt_b", "gap", "estimated"),
    [
        (60, 60, 180, False),
        (60, 60, 181, True),
        (60, 0, 180, False),
        (60, 120, 360, False),
        (0, 0, 1, True),
        (120, 120, A_WEEK, True),
    ],
)
def test_energy_over_more_than_three_windows_has_estimated_times(
    dt_a: int, dt_b: int, gap: int, *, estimated: bool
) -> None:
    assert increment(register(0, 0, dt=dt_a), register(gap, 1, dt=dt_b), MAX_W).estimated is estimated


@pytest.mark.parametrize("wh", [0, 4, 4_990, 5_001, 40_000, 9_999_999])
@pytest.mark.parametrize("seq", [None, 3, 90_000])
@pytest.mark.parametrize("gap", [60, A_WEEK, A_MONTH])
def test_another_board_counts_from_its_own_first_register(wh: float, seq: int | None, gap: int) -> None:
    old = Reading(t=0, dt=60, seq=seq, energia_wh=5_000)
    new = of_board(Reading(t=gap, dt=60, seq=seq and 5, energia_wh=wh), 1)
    later = of_board(Reading(t=gap + 60, dt=60, seq=seq and 6, energia_wh=wh + 7), 1)
    found = summarize([old, new, later], MAX_W)
    assert (found.energy_wh, found.steps) == (7, {Step.REPLACED: 1})
    assert fold([summarize([r], MAX_W) for r in (old, new, later)], MAX_W) == found


registers = st.builds(
    Register,
    t=st.integers(0, A_MONTH),
    dt=st.integers(0, 86_400),
    wh=st.one_of(st.floats(0, 1e10), st.integers(0, 1000).map(float), st.integers(9_999_000, 10_000_000).map(float)),
    seq=st.none() | st.integers(0, 2**32 - 1),
)


@given(registers, registers, st.floats(1, 1e6))
def test_energy_is_never_above_the_cap_nor_negative_but_by_a_clock_step(a: Register, b: Register, max_w: float) -> None:
    a, b = sorted((a, b), key=lambda r: r.t)
    cap = max_w * (b.t - a.t) / 3600 + SLACK_WH
    found = increment(a, b, max_w)
    low = -cap if found.step is Step.CLOCK else 0.0
    assert low <= found.wh <= cap
