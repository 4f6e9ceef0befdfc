"""Server-Sent Events of some meters, for one browser."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from quart import Response

from enertrack.web.live import Event, Live
from enertrack.web.services import services

HEARTBEAT_S: Final = 15.0
LIFE_S: Final = 300.0
"""After this the browser connects again, and who may see the meter is asked again."""
RETRY: Final = b"retry: 2000\n\n"
ALIVE: Final = b": sigue\n\n"


def events(esp_ids: Sequence[str], also: Callable[[], Event] | None = None) -> Response:
    """A stream of what happens to these meters; ``also`` makes a further event after each one of values."""
    response = Response(_lines(services().live, esp_ids, also), content_type="text/event-stream")
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.timeout = None
    return response


async def _lines(live: Live, esp_ids: Sequence[str], also: Callable[[], Event] | None) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    end = clock() + LIFE_S
    with live.watch(esp_ids) as watch:
        yield RETRY
        while (left := end - clock()) > 0:
            try:
                event = await watch.next(min(HEARTBEAT_S, left))
            except TimeoutError:
                yield ALIVE
                continue
            if event is None:
                return
            yield _line(event)
            if also and event.name == "valores":
                yield _line(also())


def _line(event: Event) -> bytes:
    return f"event: {event.name}\ndata: {event.data}\n\n".encode()
