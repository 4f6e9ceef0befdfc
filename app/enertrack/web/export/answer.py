"""A file as an answer that is sent while it is made."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from quart import Response, abort

from enertrack.domain.calendar import local_date
from enertrack.stores.nodes import Membership
from enertrack.web import meters
from enertrack.web.auth.session import user
from enertrack.web.export.columns import Rows
from enertrack.web.export.request import Asked, Format, wanted
from enertrack.web.export.rows import Wanted, rows
from enertrack.web.export.sheet import TYPE as SHEET_TYPE
from enertrack.web.export.sheet import Sheet
from enertrack.web.export.text import TYPE as TEXT_TYPE
from enertrack.web.export.text import Text
from enertrack.web.magnitudes import Magnitude
from enertrack.web.services import services

MOST: Final = 3
"""Files that one person may fetch at once."""
_fetching: Counter[int] = Counter()


async def file(asked: Asked, memberships: list[Membership], magnitudes: list[Magnitude], name: str) -> Response:
    """The measurements of these meters. Raises Unavailable as long as nothing was sent."""
    owner, now = user().id, services().now()
    if _fetching[owner] >= MOST:
        abort(429)
    plan = wanted(asked, [m.node for m in memberships], magnitudes, now)
    making = _bytes(asked.formato, plan, rows(meters.history(memberships), plan, now), owner)
    first = await anext(making)
    response = Response(_joined(first, making), content_type=TEXT_TYPE if asked.formato is Format.CSV else SHEET_TYPE)
    day = local_date(now, meters.zone_of(memberships[0].node) if memberships else services().settings.zone)
    filename = f"enertrack-{name}-{asked.resolucion}-{day}.{asked.formato}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.timeout = None
    return response


async def _bytes(kind: Format, plan: Wanted, found: AsyncIterator[Rows], owner: int) -> AsyncIterator[bytes]:
    """The file in pieces, the first of which comes once the store has answered."""
    making = Text() if kind is Format.CSV else Sheet()
    _fetching[owner] += 1
    try:
        some = await anext(found, None)
        yield making.begin(plan.columns)
        while some is not None:
            if piece := await asyncio.to_thread(making.add, some):
                yield piece
            some = await anext(found, None)
        yield await asyncio.to_thread(making.end)
    finally:
        _fetching[owner] -= 1


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
