"""Measurements in InfluxDB v2, by influxdb-client's asynchronous client.

That client has no retries, and its import costs 40 MB: nothing but this module and ``answers`` imports it.
"""
# ruff: noqa: D102 - the protocol tells what the methods do

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.dialect import Dialect
from influxdb_client.domain.write_precision import WritePrecision

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution, quarter_of
from enertrack.domain.summary import Window
from enertrack.stores.measurements import flux
from enertrack.stores.measurements.answers import BadLinesError, TooLargeError, failures
from enertrack.stores.measurements.lines import load, reading_line, window_line, windows_of
from enertrack.stores.measurements.protocol import (
    Fingerprint,
    NodeReading,
    NodeWindow,
    Refused,
    Unavailable,
)

_CSV: Final = Dialect(header=True, delimiter=",", annotations=[], date_time_format="RFC3339")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Influx:
    """``Measurements`` in a bucket.

    A point that overwrites another joins it field by field, as InfluxDB does: a repeated reading
    that lacks a field keeps the field of the first.
    """

    def __init__(  # noqa: PLR0913 - a server's address is four words and its authority
        self, url: str, token: str, org: str, bucket: str, timeout_s: float = 10.0, *, authority: Path | None = None
    ) -> None:
        """Inside a running event loop; nothing is sent yet. The store is away after ``timeout_s`` without a byte.

        Over https its certificate must be signed by ``authority``, where none is given by one of the system's.
        """
        self._bucket = bucket
        self._client = InfluxDBClientAsync(
            url=url,
            token=token,
            org=org,
            # Of silence, not of the whole: a long answer that comes is no failure.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout_s, sock_read=timeout_s),
            # It saves five sixths of the bytes and costs 40 ms per 5,000 lines: worth it over a network only.
            enable_gzip=urlsplit(url).hostname not in _LOOPBACK,
            # A redirected POST becomes a GET, whose 200 would pass for "stored".
            allow_redirects=False,
            ssl_ca_cert=authority and str(authority),
        )
        self._writes = self._client.write_api()
        self._queries = self._client.query_api()
        self._deletes = self._client.delete_api()

    async def write(self, readings: Sequence[NodeReading]) -> list[Refused]:
        return await self._store([reading_line(r.node_id, r.reading) for r in readings], 0)

    async def _store(self, lines: list[str], first: int) -> list[Refused]:
        """Write ``lines``, in halves until each refused one is found; ``first`` is the index of the first line."""
        if not lines:
            return []
        try:
            with failures():
                await self._writes.write(self._bucket, record="\n".join(lines), write_precision=WritePrecision.S)  # type: ignore[arg-type]
        except BadLinesError as bad:
            if bad.dropped == len(lines) or len(lines) == 1:
                return [Refused(first + i, str(bad)) for i in range(len(lines))]
        except TooLargeError:
            if len(lines) == 1:
                raise
        else:
            return []
        half = len(lines) // 2
        return [*await self._store(lines[:half], first), *await self._store(lines[half:], first + half)]

    async def readings(self, node_ids: Iterable[int], start: int, stop: int) -> dict[int, list[Reading]]:
        found: dict[int, list[Reading]] = {n: [] for n in node_ids}
        if found and start < stop:
            for node, reading in await self._readings(flux.readings(self._bucket, found, start + 1, stop + 1)):
                found[node].append(reading)
        return found

    async def latest(self, node_ids: Iterable[int], since: int) -> dict[int, Reading]:
        ids = list(node_ids)
        return dict(await self._readings(flux.latest(self._bucket, ids, since + 1))) if ids else {}

    async def _readings(self, query: str) -> list[tuple[int, Reading]]:
        # Every reading has its "dt": a row without is a part of one (see flux.latest), or somebody else's.
        return [(int(row["nodo"]), flux.reading(row)) for row in await self._rows(query) if row.get("dt")]

    async def write_windows(self, resolution: Resolution, windows: Sequence[NodeWindow]) -> None:
        # An empty window is a line too: it overwrites what was there, and is left out when windows are read.
        refused = await self._store([window_line(resolution, w) for w in windows], 0)
        if refused:
            reason = f"InfluxDB rechaza {len(refused)} resúmenes de {windows_of(resolution)}: {refused[0].reason}"
            raise Unavailable(reason)

    async def windows(
        self, resolution: Resolution, node_ids: Iterable[int], start: int, stop: int
    ) -> dict[int, list[Window]]:
        found: dict[int, list[Window]] = {n: [] for n in node_ids}
        if found and start < stop:
            for row in await self._rows(flux.windows(self._bucket, resolution, found, start, stop)):
                window = load(row["_value"])
                if window.summary.count:
                    found[int(row["nodo"])].append(window)
        return found

    async def window_before(self, resolution: Resolution, node_id: int, start: int) -> Window | None:
        query = flux.newest_before(self._bucket, resolution, node_id, start)
        return await self._window(resolution, node_id, await self._rows(query))

    async def window_after(self, resolution: Resolution, node_id: int, stop: int) -> Window | None:
        query = flux.oldest_from(self._bucket, resolution, node_id, stop)
        return await self._window(resolution, node_id, await self._rows(query))

    async def _window(self, resolution: Resolution, node_id: int, rows: list[dict[str, str]]) -> Window | None:
        for row in rows:
            start = flux.second(row)
            found = (await self.windows(resolution, [node_id], start, start + 1))[node_id]
            return found[0] if found else None
        return None

    async def fingerprints(self, node_id: int, start: int, stop: int) -> Mapping[int, Fingerprint]:
        if start >= stop:
            return {}
        told: dict[str, dict[int, float]] = {"count": {}, "first": {}, "last": {}}
        for row in await self._rows(flux.fingerprints(self._bucket, node_id, start + 1, stop + 1)):
            told[row["result"]][quarter_of(flux.second(row))] = float(row["_value"])
        first, last = told["first"], told["last"]
        return {t: Fingerprint(int(n), first.get(t), last.get(t)) for t, n in told["count"].items()}

    async def delete_windows(self, resolution: Resolution, node_id: int, start: int, stop: int) -> None:
        if start >= stop:
            return
        predicate = f'_measurement="{windows_of(resolution)}" AND nodo="{node_id:d}"'
        # Both ends of a deletion are inside it.
        begin, end = (datetime.fromtimestamp(t, UTC) for t in (start, stop - 1))
        with failures():
            await self._deletes.delete(begin, end, predicate, self._bucket)

    async def span(self, node_id: int) -> tuple[int, int] | None:
        times = [flux.second(row) for row in await self._rows(flux.span(self._bucket, node_id))]
        return (min(times), max(times)) if times else None

    async def ping(self) -> None:
        with failures():
            await self._client.ping()

    async def close(self) -> None:
        await self._client.close()

    async def _rows(self, query: str) -> list[dict[str, str]]:
        with failures():
            return list(flux.rows(await self._queries.query_raw(query, dialect=_CSV)))
