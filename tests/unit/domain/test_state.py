from datetime import UTC, datetime, timedelta

import pytest

from enertrack.domain.state import NodeState, node_state

NOW = datetime(2026, 3, 29, 1, tzinfo=UTC)
ACTIVE, CATCHING_UP, DISCONNECTED, NO_DATA = NodeState


def ago(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("read_s", "delivered_s", "interval_s", "online", "state"),
    [
        (None, None, 60, None, NO_DATA),
        (None, None, 60, True, NO_DATA),
        (None, None, 60, False, NO_DATA),
        (30, 29, 60, True, ACTIVE),
        (30, 29, 60, None, ACTIVE),
        (299, 299, 60, None, ACTIVE),
        (-500, 1, 60, None, ACTIVE),
        (30, 29, 60, False, DISCONNECTED),
        (300, 299, 60, True, CATCHING_UP),
        (90_000, 2, 60, None, CATCHING_UP),
        (90_000, 2, 60, False, DISCONNECTED),
        (300, 300, 60, True, DISCONNECTED),
        (300, None, 60, True, DISCONNECTED),
        (300, 300, 120, None, ACTIVE),
        (360, 359, 120, None, CATCHING_UP),
        (360, 360, 120, None, DISCONNECTED),
    ],
)
def test_state(
    read_s: float | None, delivered_s: float | None, interval_s: int, *, online: bool | None, state: NodeState
) -> None:
    assert node_state(NOW, ago(read_s), ago(delivered_s), interval_s, online) is state
