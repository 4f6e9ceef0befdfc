"""What every store of measurements does, and how it says that it cannot."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import Window
from enertrack.domain.text import Text


class NodeReading(msgspec.Struct, frozen=True, gc=False):
    """A reading of the node ``node_id``."""

    node_id: int
    reading: Reading


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A reading that the store will never take, at ``index`` of what was written."""

    index: int
    reason: str


class NodeWindow(msgspec.Struct, frozen=True, gc=False):
    """A window's summary of the node ``node_id``."""

    node_id: int
    window: Window


class Fingerprint(msgspec.Struct, frozen=True, gc=False):
    """What tells whether a 15-minute window's summary follows from its readings."""

    count: int
    first_wh: float | None
    last_wh: float | None


class Unavailable(Exception):
    """The store cannot be reached or is overloaded; nothing is known of what was sent.

    ``retry_after_s`` is the store's own wish, where it has one.
    """

    def __init__(self, reason: Text | str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Forbidden(Unavailable):
    """The store does not accept our credentials: only a person can mend it."""


class History(Protocol):
    """What can be read: readings by node and second, and summaries by node and window.

    Ranges are (start, stop] for readings (Unix seconds) and start <= window.start < stop for windows.
    Every method raises ``Unavailable`` or ``Forbidden``.
    """

    async def readings(self, node_ids: Iterable[int], start: int, stop: int) -> dict[int, list[Reading]]:
        """Readings in the order of time, for each asked node (an empty list where there are none)."""

    async def latest(self, node_ids: Iterable[int], since: int) -> dict[int, Reading]:
        """The newest reading after ``since`` of each node that has one."""

    async def windows(
        self, resolution: Resolution, node_ids: Iterable[int], start: int, stop: int
    ) -> dict[int, list[Window]]:
        """Windows that have readings, in the order of time, for each asked node."""

    async def window_before(self, resolution: Resolution, node_id: int, start: int) -> Window | None:
        """The newest window with a register whose start lies before ``start``."""

    async def window_after(self, resolution: Resolution, node_id: int, stop: int) -> Window | None:
        """The oldest window with a register whose start is ``stop`` or later."""

    async def span(self, node_id: int) -> tuple[int, int] | None:
        """Times of the oldest and the newest stored reading of a node."""


class Measurements(History, Protocol):
    """A store: the history, and what ingest does to it. Every method raises ``Unavailable`` or ``Forbidden``."""

    async def write(self, readings: Sequence[NodeReading]) -> list[Refused]:
        """Store readings, the same node and second overwriting; the answer names those refused for good."""

    async def write_windows(self, resolution: Resolution, windows: Sequence[NodeWindow]) -> None:
        """Store summaries; one that is empty removes the window."""

    async def fingerprints(self, node_id: int, start: int, stop: int) -> Mapping[int, Fingerprint]:
        """Fingerprint of the readings of each 15-minute window that has some, by the window's start."""

    async def delete_windows(self, resolution: Resolution, node_id: int, start: int, stop: int) -> None:
        """Forget windows, as when a node's zone changes."""

    async def ping(self) -> None:
        """Answer when the store does."""

    async def close(self) -> None:
        """Give back connections and files."""
