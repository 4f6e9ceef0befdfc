"""What every store of measurements does: the same suite on InfluxDB and on SQLite."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import EMPTY, Window, summarize
from enertrack.stores.measurements.protocol import Fingerprint, Measurements, NodeReading, NodeWindow

T0 = 1_760_000_400  # begins a quarter of an hour
WINDOWS = [Resolution.QUARTER, Resolution.HOUR, Resolution.DAY]


def reading(t: int, wh: float | None = None, **fields: float) -> Reading:
    return Reading(t=t, dt=60, energia_wh=wh, tension=230.5, potencia=100.0, **fields)  # type: ignore[arg-type]


def of(node_id: int, *readings: Reading) -> list[NodeReading]:
    return [NodeReading(node_id, r) for r in readings]


def window(start: int, *readings: Reading, length: int = 900) -> Window:
    return Window(start, start + length, summarize(readings, 26_500.0))


async def test_readings_come_back_in_the_order_of_time(store: Measurements) -> None:
    first, second, third = reading(T0, 5.0), reading(T0 + 60, 6.0), reading(T0 + 120, 7.0)
    assert await store.write(of(3, third, first)) == []
    assert await store.write(of(3, second)) == []
    assert await store.readings([3], T0 - 1, T0 + 1000) == {3: [first, second, third]}


async def test_a_range_leaves_out_its_start_and_holds_its_stop(store: Measurements) -> None:
    a, b, c = reading(T0), reading(T0 + 60), reading(T0 + 120)
    await store.write(of(3, a, b, c))
    assert await store.readings([3], T0, T0 + 120) == {3: [b, c]}
    assert await store.readings([3], T0, T0 + 119) == {3: [b]}
    assert await store.readings([3], T0, T0) == {3: []}
    assert await store.readings([3], T0 + 60, T0) == {3: []}


@pytest.mark.parametrize("far", [9_223_372_037, 9_999_999_999, 20_226_744_073, 29_348_006_400])
async def test_a_range_may_end_later_than_any_store_can_know(store: Measurements, far: int) -> None:
    """People write any year into an address; InfluxDB's time ends in 2262."""
    await store.write(of(3, reading(T0)))
    await store.write_windows(Resolution.DAY, [NodeWindow(3, window(T0, reading(T0, 5.0), length=86_400))])
    assert await store.readings([3], T0 - 1, far) == {3: [reading(T0)]}
    assert len((await store.windows(Resolution.DAY, [3], T0, far))[3]) == 1
    assert await store.window_before(Resolution.DAY, 3, far) is not None
    assert await store.readings([3], far, far + 86_400) == {3: []}
    assert await store.windows(Resolution.DAY, [3], far, far + 86_400) == {3: []}
    assert await store.window_after(Resolution.DAY, 3, far) is None
    assert await store.latest([3], far) == {}


async def test_the_same_second_of_a_node_is_overwritten(store: Measurements) -> None:
    await store.write(of(3, reading(T0, 5.0, seq=1)))
    await store.write(of(3, reading(T0, 6.0, seq=2)))
    await store.write(of(4, reading(T0, 9.0, seq=3)))
    assert await store.readings([3], T0 - 1, T0) == {3: [reading(T0, 6.0, seq=2)]}


async def test_of_one_second_in_one_write_the_last_stands(store: Measurements) -> None:
    await store.write(of(3, reading(T0, 5.0), reading(T0, 6.0)))
    assert await store.readings([3], T0 - 1, T0) == {3: [reading(T0, 6.0)]}


async def test_nodes_are_apart_and_each_asked_one_is_in_the_answer(store: Measurements) -> None:
    await store.write([*of(1, reading(T0, 1.0)), *of(11, reading(T0, 11.0)), *of(111, reading(T0, 111.0))])
    found = await store.readings(iter([1, 11, 2]), T0 - 1, T0)
    assert found == {1: [reading(T0, 1.0)], 11: [reading(T0, 11.0)], 2: []}
    assert await store.readings([], T0 - 1, T0) == {}


async def test_nothing_to_write_is_no_trouble(store: Measurements) -> None:
    assert await store.write([]) == []
    await store.write_windows(Resolution.HOUR, [])


async def test_thousands_of_nodes_in_one_write(store: Measurements) -> None:
    sent = {n: [reading(T0 + n % 60, float(n))] for n in range(1, 3001)}
    assert await store.write([NodeReading(n, r) for n, (r,) in sent.items()]) == []
    assert await store.readings(sent, T0 - 1, T0 + 60) == sent
    assert await store.latest(sent, T0 - 1) == {n: r for n, (r,) in sent.items()}


async def test_latest_is_the_newest_whole_reading_after_since(store: Measurements) -> None:
    old, new = reading(T0, 5.0, frecuencia=50.0), reading(T0 + 60)  # the newer one has fewer fields
    await store.write([*of(3, old, new), *of(4, old)])
    assert await store.latest([3, 4, 5], T0 - 1) == {3: new, 4: old}
    assert await store.latest([3, 4], T0) == {3: new}
    assert await store.latest([3], T0 + 60) == {}
    assert await store.latest([], 0) == {}


@pytest.mark.parametrize("field", ["tension", "energia_wh", "potencia_max"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
async def test_what_no_store_can_keep_is_refused_alone(store: Measurements, field: str, value: float) -> None:
    good = [reading(T0 + 60 * i, float(i)) for i in range(7)]
    sent = of(3, *good)
    sent[5:5] = of(3, Reading(t=T0 + 1, dt=60, **{field: value}))  # type: ignore[arg-type]
    sent[2:2] = of(3, reading(10**10))
    refused = await store.write(sent)
    assert [r.index for r in refused] == [2, 6]
    assert all(r.reason for r in refused)
    assert await store.readings([3], 0, 9 * 10**9) == {3: good}


@pytest.mark.parametrize("resolution", WINDOWS)
async def test_windows_come_back_as_they_were(store: Measurements, resolution: Resolution) -> None:
    bare = Window(T0, T0 + 900, summarize([Reading(t=T0 + 9, dt=5, consumo_wh=0.1 + 0.2)], 26_500.0))
    stepped = window(
        T0 + 900, reading(T0 + 901, 50.0, fp=0.97), reading(T0 + 960, 3.0, frecuencia=49.98), length=23 * 3600
    )
    assert stepped.summary.steps
    await store.write_windows(resolution, [NodeWindow(3, stepped), NodeWindow(3, bare), NodeWindow(4, bare)])
    found = await store.windows(resolution, [3, 4, 5], T0, T0 + 901)
    assert found == {3: [bare, stepped], 4: [bare], 5: []}
    for other in {*WINDOWS} - {resolution}:
        assert await store.windows(other, [3], T0, T0 + 901) == {3: []}


async def test_a_window_belongs_to_a_range_by_its_start(store: Measurements) -> None:
    a, b, c = (window(T0 + i * 900, reading(T0 + i * 900 + 60, 5.0)) for i in range(3))
    await store.write_windows(Resolution.QUARTER, [NodeWindow(3, w) for w in (a, b, c)])
    assert await store.windows(Resolution.QUARTER, [3], T0, T0 + 1800) == {3: [a, b]}
    assert await store.windows(Resolution.QUARTER, [3], T0 + 1, T0 + 1801) == {3: [b, c]}
    assert await store.windows(Resolution.QUARTER, [3], T0, T0) == {3: []}
    assert await store.windows(Resolution.QUARTER, [], T0, T0 + 1800) == {}


async def test_a_window_is_replaced_as_a_whole_and_an_empty_one_removes_it(store: Measurements) -> None:
    full = window(T0, reading(T0 + 60, 50.0, fp=1.0), reading(T0 + 120, 3.0))
    plain = window(T0, Reading(t=T0 + 60, dt=60))
    for w in (full, plain):
        await store.write_windows(Resolution.HOUR, [NodeWindow(3, w), NodeWindow(4, full)])
        assert await store.windows(Resolution.HOUR, [3], T0, T0 + 1) == {3: [w]}
    assert await store.window_before(Resolution.HOUR, 3, T0 + 1) is None
    await store.write_windows(Resolution.HOUR, [NodeWindow(3, Window(T0, T0 + 900, EMPTY))])
    assert await store.windows(Resolution.HOUR, [3, 4], T0, T0 + 1) == {3: [], 4: [full]}
    await store.write_windows(Resolution.HOUR, [NodeWindow(4, Window(T0, T0 + 900, EMPTY))])
    assert await store.window_before(Resolution.HOUR, 4, T0 + 1) is None


async def test_the_nearest_window_with_a_register_however_far(store: Measurements) -> None:
    far, bare, near = T0 - 9 * 365 * 86400 // 900 * 900, T0 - 900, T0 + 900
    windows = [
        window(far, reading(far + 60, 5.0)),
        window(bare, Reading(t=bare + 60, dt=60, consumo_wh=3.0)),
        window(near, reading(near + 60, 7.0)),
        window(near + 900, reading(near + 960, 7.0)),
    ]
    await store.write_windows(Resolution.QUARTER, [NodeWindow(3, w) for w in windows])
    assert await store.window_before(Resolution.QUARTER, 3, T0) == windows[0]
    assert await store.window_before(Resolution.QUARTER, 3, far) is None
    assert await store.window_before(Resolution.QUARTER, 3, near + 1) == windows[2]
    assert await store.window_after(Resolution.QUARTER, 3, far + 1) == windows[2]
    assert await store.window_after(Resolution.QUARTER, 3, near) == windows[2]
    assert await store.window_after(Resolution.QUARTER, 3, near + 901) is None
    assert await store.window_before(Resolution.QUARTER, 4, T0) is None
    assert await store.window_before(Resolution.HOUR, 3, T0) is None


async def test_fingerprints_count_a_reading_at_an_edge_to_the_window_before(store: Measurements) -> None:
    await store.write(
        of(
            3,
            reading(T0, 1.0),  # the last of the window before
            reading(T0 + 1, 2.0),
            Reading(t=T0 + 450, dt=60),
            reading(T0 + 900, 3.0),
            reading(T0 + 901, 4.0),
            Reading(t=T0 + 1860, dt=60, consumo_wh=1.0),
        )
    )
    await store.write(of(4, reading(T0 + 2, 9.0)))
    expected = {
        T0: Fingerprint(3, 2.0, 3.0),
        T0 + 900: Fingerprint(1, 4.0, 4.0),
        T0 + 1800: Fingerprint(1, None, None),
    }
    assert await store.fingerprints(3, T0, T0 + 2700) == expected
    assert await store.fingerprints(3, T0 - 900, T0 + 2700) == {T0 - 900: Fingerprint(1, 1.0, 1.0), **expected}
    assert await store.fingerprints(3, T0, T0 + 900) == {T0: expected[T0]}
    assert await store.fingerprints(3, T0, T0) == {}
    assert await store.fingerprints(5, T0, T0 + 900) == {}


async def test_windows_are_forgotten_by_range_node_and_resolution(store: Measurements) -> None:
    a, b, c = (window(T0 + i * 900, reading(T0 + i * 900 + 60, 5.0)) for i in range(3))
    for resolution in WINDOWS:
        await store.write_windows(resolution, [NodeWindow(n, w) for n in (3, 4) for w in (a, b, c)])
    await store.delete_windows(Resolution.DAY, 3, T0 + 1, T0 + 1800)
    await store.delete_windows(Resolution.DAY, 3, T0, T0)
    assert await store.windows(Resolution.DAY, [3, 4], T0, T0 + 2700) == {3: [a, c], 4: [a, b, c]}
    assert await store.windows(Resolution.HOUR, [3], T0, T0 + 2700) == {3: [a, b, c]}
    await store.write_windows(Resolution.DAY, [NodeWindow(3, b)])
    assert await store.windows(Resolution.DAY, [3], T0, T0 + 2700) == {3: [a, b, c]}


async def test_span_is_from_the_oldest_to_the_newest_reading(store: Measurements) -> None:
    assert await store.span(3) is None
    await store.write([*of(3, reading(T0), reading(1_170_000_000), Reading(t=T0 + 7, dt=0)), *of(4, reading(T0 + 99))])
    assert await store.span(3) == (1_170_000_000, T0 + 7)
    assert await store.span(4) == (T0 + 99, T0 + 99)


async def test_ping(store: Measurements) -> None:
    await store.ping()


def floats(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high, allow_nan=False, allow_infinity=False)


valid = st.builds(
    Reading,
    t=st.integers(1, 4_000_000_000),
    dt=st.integers(0, 86_400),
    seq=st.none() | st.integers(0, 2**32 - 1),
    energia_wh=floats(0, 1e10),
    consumo_wh=floats(-1e10, 1e10),
    potencia=floats(-1e6, 1e6),
    potencia_max=floats(-1e6, 1e6),
    tension=floats(0, 500),
    corriente=floats(0, 1000),
    fp=floats(-1, 1),
    frecuencia=floats(0, 100),
    calidad=st.integers(0, 3),
)
nodes = iter(range(1_000_000, 2_000_000))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(valid, min_size=1, max_size=60, unique_by=lambda r: r.t))
async def test_any_valid_readings_and_their_summary_come_back(store: Measurements, readings: list[Reading]) -> None:
    node = next(nodes)
    in_order = sorted(readings, key=lambda r: r.t)
    assert await store.write(of(node, *readings)) == []
    assert await store.readings([node], 0, 4_000_000_000) == {node: in_order}
    assert await store.latest([node], 0) == {node: in_order[-1]}
    assert await store.span(node) == (in_order[0].t, in_order[-1].t)
    whole = Window(0, 4_000_000_000, summarize(readings, 26_500.0))
    await store.write_windows(Resolution.DAY, [NodeWindow(node, whole)])
    assert await store.windows(Resolution.DAY, [node], 0, 1) == {node: [whole]}
