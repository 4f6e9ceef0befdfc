"""Server-Sent Events of some meters, for one browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from quart import Response, g

from enertrack.stores.database import DatabaseAway
from enertrack.stores.nodes import Membership
from enertrack.web import meters
from enertrack.web.auth import session
from enertrack.web.live import Event
from enertrack.web.services import Services, services

CHECK_S: Final = 15.0
"""How often the session is looked up again, and how long a stream is silent at most."""
LIFE_S: Final = 300.0
"""After this the browser connects again, and who may see the meter is asked again."""
MOST: Final = 20
"""Streams of one user at a time; a page has one while it is in sight."""
Proof: TypeAlias = Callable[..., Awaitable[object | None]]
"""Looks up again by what right somebody asked, at a database and a moment."""
RETRY: Final = b"retry: 2000\n\n"
RETRY_LATER: Final = b"retry: 60000\n\n"
ALIVE: Final = b": sigue\n\n"


def events(memberships: Iterable[Membership], also: Callable[[], Event] | None = None) -> Response:
    """A stream of what happens to these meters; ``also`` makes a further event after each one of values.

    It ends at once where the user has ``MOST`` of them, and within ``CHECK_S`` of the session's end.
    """
    since = {m.node.esp_id: meters.since(m) for m in memberships}
    lines = _lines(services(), session.user().id, g.proof, since, also)
    response = Response(lines, content_type="text/event-stream")
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.timeout = None
    return response


async def _lines(
    present: Services, owner: int, proof: Proof, since: Mapping[str, int], also: Callable[[], Event] | None
) -> AsyncIterator[bytes]:
    if present.live.streams(owner) >= MOST:
        yield RETRY_LATER
        return
    clock = asyncio.get_running_loop().time
    end, check = clock() + LIFE_S, clock() + CHECK_S
    with present.live.watch(since, owner) as watch:
        yield RETRY
        while clock() < end:
            if clock() >= check:
                if not await _in_force(present, proof):
                    return
                yield ALIVE
                check = clock() + CHECK_S
            try:
                event = await watch.next(check - clock())
            except TimeoutError:
                continue
            if event is None:
                return
            yield _line(event)
            if also and event.name == "valores":
                yield _line(also())


async def _in_force(present: Services, proof: Proof) -> bool:
    """Whether the session, or the token, has not ended meanwhile, as far as can be asked."""
    try:
        return await proof(present.engine, now=datetime.fromtimestamp(present.now(), UTC)) is not None
    except DatabaseAway:
        return True


def _line(event: Event) -> bytes:
    return f"event: {event.name}\ndata: {event.data}\n\n".encode()
