from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from enertrack.web.export.grain import Grain, marks, slices

ZONES = ["America/Argentina/Buenos_Aires", "Europe/Madrid", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
BINS = [g for g in Grain if g is not Grain.RAW]
LONGEST_S = {Grain.QUARTER: 86_400, Grain.HOUR: 10 * 86_400, Grain.DAY: 500 * 86_400, Grain.MONTH: 3000 * 86_400}


@given(st.sampled_from(BINS), st.sampled_from(ZONES), st.integers(10**9, 2 * 10**9), st.floats(0.0001, 1))
def test_bins_touch_the_range_and_cover_it(grain: Grain, zone: str, start: int, share: float) -> None:
    stop = start + max(1, int(share * LONGEST_S[grain]))
    found = list(marks(grain, ZoneInfo(zone), start, stop))
    assert all(a < b for a, b in pairwise(found))
    assert found[0] <= start < found[1]
    assert found[-2] < stop <= found[-1]


@given(st.sampled_from(BINS), st.sampled_from(ZONES), st.integers(10**9, 2 * 10**9), st.integers(1, 50))
def test_slices_are_the_same_bins(grain: Grain, zone: str, start: int, rows: int) -> None:
    found = list(marks(grain, ZoneInfo(zone), start, start + LONGEST_S[grain] // 8))
    parts = list(slices(found, rows))
    assert all(2 <= len(part) <= rows + 1 for part in parts)
    assert [bin_ for part in parts for bin_ in pairwise(part)] == list(pairwise(found))


def test_an_empty_range_has_none() -> None:
    assert list(marks(Grain.DAY, ZoneInfo("UTC"), 10**9, 10**9)) == []
