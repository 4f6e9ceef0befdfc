"""Consumption out of stored windows, on both stores."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest

from enertrack.domain.calendar import Period, edges
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution, for_edges
from enertrack.domain.summary import Consumption, Window, summarize
from enertrack.stores.measurements.consumption import Question, consumption
from enertrack.stores.measurements.protocol import Measurements, NodeWindow

MADRID = ZoneInfo("Europe/Madrid")
LATER = 2**32


class Node(msgspec.Struct, frozen=True):
    id: int = 3
    potencia_max_w: float = 26_500.0


async def keep(store: Measurements, resolution: Resolution, bounds: list[int], readings: list[Reading]) -> None:
    """Store the windows between ``bounds`` as the roll-ups would."""
    windows = [
        Window(start, end, summarize([r for r in readings if start < r.t <= end], Node().potencia_max_w))
        for start, end in pairwise(bounds)
    ]
    await store.write_windows(resolution, [NodeWindow(3, w) for w in windows])


async def bins(store: Measurements, bounds: list[int], resolution: Resolution) -> list[Consumption]:
    """Bins of the past."""
    [found] = await consumption(store, [Question(Node(), bounds, resolution)], LATER)
    return found


def at(t: int, wh: float, dt: int = 60) -> Reading:
    return Reading(t=t, dt=dt, energia_wh=wh)


def hours(n: int) -> list[int]:
    first = edges(Period.HOUR, date(2026, 3, 10), MADRID)[0]
    return [first + 3600 * i for i in range(n)]


async def test_the_bins_add_up_to_the_registers_difference(store: Measurements) -> None:
    bounds = edges(Period.DAY, date(2026, 3, 1), MADRID)  # with the day of 23 hours
    readings = [at(t, (t - bounds[0]) / 100) for t in range(bounds[0], bounds[-1] + 1, 3600)]
    await keep(store, Resolution.DAY, [bounds[0] - 86_400, *bounds], readings)
    found = await bins(store, bounds, for_edges(Period.DAY, bounds))
    assert [(c.start, c.end) for c in found] == list(pairwise(bounds))
    assert sum(c.energy_wh for c in found) == pytest.approx((bounds[-1] - bounds[0]) / 100)
    assert found[28].energy_wh == pytest.approx(23 * 36)
    assert found[0].energy_wh == pytest.approx(24 * 36)


async def test_a_gap_across_an_edge_is_shared_by_time(store: Measurements) -> None:
    h = hours(4)
    await keep(store, Resolution.HOUR, h, [at(h[1] - 1800, 100.0), at(h[2] + 1800, 340.0)])
    found = await bins(store, h, Resolution.HOUR)
    assert [c.energy_wh for c in found] == pytest.approx([60.0, 120.0, 60.0])
    assert [c.estimated_wh for c in found] == pytest.approx([60.0, 120.0, 60.0])
    assert [c.summary.count for c in found] == [1, 0, 1]


@pytest.mark.parametrize("days", [1, 400])
async def test_the_neighbours_of_a_range_count_however_far_they_lie(store: Measurements, days: int) -> None:
    h = hours(3)
    before, after = h[0] - days * 86_400, h[-1] + days * 86_400
    bounds = [before - 3600, before, *h, after, after + 3600]
    await keep(store, Resolution.HOUR, bounds, [at(before, 0.0), at(after + 60, 1000.0)])
    found = await bins(store, h, Resolution.HOUR)
    each = 1000.0 * 3600 / (after + 60 - before)
    assert [c.energy_wh for c in found] == pytest.approx([each, each])
    assert [c.estimated_wh for c in found] == pytest.approx([each, each])
    assert [c.summary.count for c in found] == [0, 0]


async def test_the_nearest_neighbour_is_taken_and_one_without_a_register_passed_over(store: Measurements) -> None:
    h = hours(7)
    readings = [at(h[0] + 60, 0.0), at(h[2], 100.0), Reading(t=h[2] + 1800, dt=60, consumo_wh=7.0), at(h[4], 300.0)]
    await keep(store, Resolution.HOUR, h, readings)
    found = await bins(store, [h[3], h[4]], Resolution.HOUR)
    assert [c.energy_wh for c in found] == pytest.approx([100.0])


async def test_outside_of_all_data_there_is_none(store: Measurements) -> None:
    h = hours(5)
    await keep(store, Resolution.HOUR, h[1:3], [at(h[1] + 60, 5.0), at(h[1] + 120, 8.0)])
    for outside in ([h[0], h[1]], [h[3], h[4]]):
        (found,) = await bins(store, outside, Resolution.HOUR)
        assert (found.energy_wh, found.summary.count) == (0.0, 0)
    (inside,) = await bins(store, [h[1], h[2]], Resolution.HOUR)
    assert (inside.energy_wh, inside.summary.count) == (3.0, 2)


async def test_a_node_without_windows_used_nothing(store: Measurements) -> None:
    bounds = edges(Period.HOUR, date(2026, 10, 25), MADRID)  # the day of 25 hours
    found = await bins(store, bounds, Resolution.HOUR)
    assert [c.energy_wh for c in found] == [0.0] * 25


async def test_each_question_is_answered_by_itself(store: Measurements) -> None:
    h = hours(6)
    await keep(store, Resolution.HOUR, h, [at(t, (t - h[0]) / 100) for t in range(h[0] + 60, h[-1] + 1, 60)])
    asked = [(Node(), h[1:3]), (Node(id=4), h[1:3]), (Node(), h[2:5])]
    found = await consumption(store, [Question(n, e, Resolution.HOUR) for n, e in asked], LATER)
    assert [[c.energy_wh for c in bins] for bins in found] == [
        pytest.approx([36.0]),
        [0.0],
        pytest.approx([36.0, 36.0]),
    ]
