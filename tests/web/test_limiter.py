"""How often something may be done in a while."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.web.limiter import MAX_KEYS, RULES, Limiter, Rule, by_address

MINUTE = {"a": Rule(3, 60.0), "b": Rule(1, 3600.0)}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 40), max_size=60))
def test_never_more_in_any_window(waits: list[float]) -> None:
    clock, taken = Clock(), list[float]()
    limiter = Limiter(MINUTE, clock)
    for wait in waits:
        clock.now += wait
        if limiter.take(["a:x"]):
            taken.append(clock.now)
    assert all(late - early >= 60 for early, late in zip(taken, taken[3:], strict=False))


def test_one_that_is_full_counts_nothing_under_the_others() -> None:
    limiter = Limiter(MINUTE, Clock())
    assert limiter.take(["a:x", "b:x"])
    assert not limiter.take(["a:x", "b:x"])
    assert [limiter.take(["a:x"]) for _ in range(3)] == [True, True, False]


def test_what_was_no_guess_is_given_back() -> None:
    limiter = Limiter(MINUTE, Clock())
    for _ in range(9):
        assert limiter.take(["a:x"])
        limiter.give_back(["a:x"])
    limiter.give_back(["a:nobody"])
    assert [limiter.take(["a:x"]) for _ in range(4)] == [True, True, True, False]


def test_each_kind_has_its_own_window() -> None:
    clock = Clock()
    limiter = Limiter(MINUTE, clock)
    assert limiter.take(["b:x"])
    clock.now = 3599.0
    assert not limiter.take(["b:x"])
    clock.now = 3600.0
    assert limiter.take(["b:x"])


def test_names_that_nobody_has_push_out_no_account() -> None:
    limiter = Limiter(RULES, Clock())
    while limiter.take(["cuenta:1"]):
        pass
    for i in range(2 * MAX_KEYS):
        limiter.take([f"nombre:{i}"])
    assert not limiter.take(["cuenta:1"])
    assert sum(len(kind) for kind in limiter._events.values()) <= MAX_KEYS + 1


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("/run/web.sock", "/run/web.sock"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, key: str) -> None:
    assert by_address(address) == key
