"""What each answer of InfluxDB means for what was asked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp
from influxdb_client.rest import ApiException

from enertrack.domain.text import text as _
from enertrack.stores.measurements.flux import QueryError
from enertrack.stores.measurements.protocol import Forbidden, Unavailable

_ABOUT_LINES: Final = re.compile(r"unable to parse|failed to parse|partial write", re.IGNORECASE)
"""How InfluxDB begins a 400 or 422 that lines are to blame for; a 400 of a proxy, say, refuses no reading for good."""
_NO_ORG: Final = re.compile(r"organization name .* not found")
"""A query, unlike a write, answers this with 400."""
_LONGEST_WISH_S: Final = 3600.0
_DROPPED: Final = re.compile(r"dropped[ =](\d+)")


class BadLinesError(Unavailable):
    """Some of the lines are refused for good: ``dropped`` of them, where the server tells, the rest being stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        found = _DROPPED.search(reason)
        self.dropped = int(found[1]) if found else None


class TooLargeError(Unavailable):
    """The server takes fewer lines at once."""


@contextmanager
def failures() -> Iterator[None]:
    """Turn each answer that is not a success, and silence, into ``Unavailable`` or ``Forbidden``.

    What becomes of lines is told by ``BadLinesError`` and ``TooLargeError``, which only ``Influx`` sees.
    """
    try:
        yield
    except ApiException as answer:
        raise _meaning(answer) from answer
    except (aiohttp.ClientError, TimeoutError, OSError, QueryError) as failure:
        reason = _("InfluxDB no responde: %(error)s", error=str(failure) or type(failure).__name__)
        raise Unavailable(reason) from failure


def _meaning(answer: ApiException) -> Exception:
    message = answer.message.decode(errors="replace") if isinstance(answer.message, bytes) else str(answer.message)
    message = message[:300]
    match answer.status:
        case 400 | 422 if _ABOUT_LINES.search(message):
            return BadLinesError(message)
        case 401 | 403:
            return Forbidden(
                _("InfluxDB no acepta INFLUX_TOKEN (%(status)s): %(told)s", status=answer.status, told=message)
            )
        case status if status == HTTPStatus.NOT_FOUND or _NO_ORG.search(message):
            told = _(
                "InfluxDB no encuentra INFLUX_BUCKET o INFLUX_ORG (%(status)s): %(told)s", status=status, told=message
            )
            return Forbidden(told)
        case 413:
            return TooLargeError(f"InfluxDB no acepta ni una línea de ese tamaño (413): {message}")
        case _:
            told = _("InfluxDB contesta %(status)s: %(told)s", status=answer.status, told=message)
            return Unavailable(told, _seconds(answer.retry_after))


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; it is either that or a date (RFC 9110, 10.2.3). An hour at most."""
    if retry_after is None:
        return None
    try:
        wish_s = float(retry_after) if retry_after.isdecimal() else _until(parsedate_to_datetime(retry_after))
    except ValueError:
        return None
    return min(max(0.0, wish_s), _LONGEST_WISH_S)


def _until(moment: datetime) -> float:
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
