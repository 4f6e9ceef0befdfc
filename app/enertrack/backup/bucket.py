"""InfluxDB's bucket, by the server's own way of copying: its manifest and the files of each shard, while it runs.

The server gives them to an administrator's token only.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import msgspec

from enertrack.backup.failure import Failed
from enertrack.backup.manifest import Month, Months
from enertrack.backup.programs import disk
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.settings import Settings
from enertrack.stores.measurements import flux
from enertrack.stores.measurements.lines import READINGS

CONNECT_S: Final = 10
SILENCE_S: Final = 600
"""Seconds without a byte: the server writes a shard's memory to disk before it sends the shard."""
CHUNK: Final = 1 << 20
NAME: Final = "bucket.json"
NOT_FOUND: Final = 404
INTERNAL_ERROR: Final = 500
MISSING: Final = frozenset({NOT_FOUND})
NOT_NOW: Final = MISSING | {INTERNAL_ERROR}
AGAIN_S: Final = (1, 4, 10)
"""Pauses before a shard is asked for again. One that is written to as the server's round over all of them finds it idle
gives no copy of itself ("snapshots disabled") until the next round, ten seconds later (tsdb's ``monitorShards``)."""
SUMS: Final = {"lecturas": ("count", "dt"), "registro_wh": ("sum", "energia_wh"), "potencia_w": ("sum", "potencia")}
Manifest = dict[str, Any]


class Server:
    """The configured server as its administrator sees it."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        self._session = session
        self._org = settings.influx_org or ""
        self.bucket = settings.influx_bucket or ""

    @classmethod
    @asynccontextmanager
    async def of(cls, settings: Settings) -> AsyncIterator[Self]:
        """A connection, closed at the end."""
        assert settings.influx_url
        assert settings.influx_token
        authority = settings.enertrack_influx_ca
        trust = ssl.create_default_context(cafile=authority) if settings.influx_url.startswith("https") else True
        async with aiohttp.ClientSession(
            settings.influx_url,
            headers={"Authorization": f"Token {settings.influx_token.get_secret_value()}"},
            connector=aiohttp.TCPConnector(ssl=trust),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S),
        ) as session:
            yield cls(session, settings)

    async def save(self, folder: Path) -> None:
        """Copy the bucket into ``folder``. Raises Failed."""
        manifest = await self._manifest()
        for shard in _shards(manifest):
            await self._save_shard(shard, folder / f"{shard}.tar")
        (folder / NAME).write_bytes(msgspec.json.encode(manifest))

    async def _save_shard(self, shard: int, target: Path) -> None:
        for pause_s in (*AGAIN_S, None):
            with _told(), disk():
                # Not compressed: what has not changed since yesterday is known by its bytes.
                async with self._ask("GET", f"backup/shards/{shard}", allowed=NOT_NOW) as answer:
                    if answer.ok:
                        await _write(answer, target)
                    if answer.status != INTERNAL_ERROR:  # a shard whose time is up goes away meanwhile
                        return
                    if pause_s is None:
                        raise Failed(_mend(answer.status, await answer.text()))
            await asyncio.sleep(pause_s)

    async def restore(self, folder: Path, name: str) -> None:
        """Make a new bucket of what ``save`` wrote. Raises Failed."""
        manifest: Manifest = msgspec.json.decode((folder / NAME).read_bytes())
        kept = [shard for shard in _shards(manifest) if (folder / f"{shard}.tar").exists()]
        target = _only(manifest, kept) | {
            "bucketName": name,
            "organizationName": self._org,
            "organizationID": await self._org_id(),
        }
        made = await self._json("POST", "restore/bucketMetadata", json=target)
        new = {one["oldId"]: one["newId"] for one in made["shardMappings"]}
        for shard in kept:
            with _told(), disk(), (folder / f"{shard}.tar").open("rb") as file:
                async with self._ask("POST", f"restore/shards/{new[shard]}", data=file):
                    pass

    async def months(self, bucket: str) -> Months:
        """What each month of each meter has. Raises Failed."""
        parts = [
            flux.source(bucket, 0, flux.END, f'r._measurement == "{READINGS}" and r._field == "{field}"')
            + f'|> aggregateWindow(every: 1mo, fn: {fn}, timeSrc: "_start", createEmpty: false)'
            + f'|> keep(columns: ["nodo", "_time", "_value"]) |> yield(name: "{name}")'
            for name, (fn, field) in SUMS.items()
        ]
        found: dict[str, dict[str, float]] = {}
        for row in await self._rows(" ".join(parts)):
            key = f"{row['nodo']}/{row['_time'][:7]}"
            found.setdefault(key, {})[row["result"]] = float(row["_value"])
        return {key: msgspec.convert(sums, Month, strict=False) for key, sums in found.items()}

    async def has_readings(self) -> bool:
        """Whether the bucket holds any. Raises Failed."""
        if await self.id_of(self.bucket) is None:
            return False
        where = f'r._measurement == "{READINGS}" and r._field == "dt"'
        return bool(await self._rows(f"{flux.source(self.bucket, 0, flux.END, where)} |> first()"))

    async def replace(self, restored: str) -> None:
        """Give a restored bucket the name of the configured one, which goes. Raises Failed."""
        old, new = await self.id_of(self.bucket), await self.id_of(restored)
        if new is None:
            raise Failed(
                _("alguien quitó %(name)s de InfluxDB mientras se recuperaba: vuelva a intentarlo", name=restored)
            )
        former = f"{self.bucket}_anterior"
        await self.remove(former)
        if old:
            await self._json("PATCH", f"buckets/{old}", json={"name": former})
        await self._json("PATCH", f"buckets/{new}", json={"name": self.bucket})
        await self.remove(former)

    async def remove(self, name: str) -> None:
        """Remove a bucket, if there is one. Raises Failed."""
        if identity := await self.id_of(name):
            with _told():
                async with self._ask("DELETE", f"buckets/{identity}"):
                    pass

    @asynccontextmanager
    async def scratch(self) -> AsyncIterator[str]:
        """A name of which there is no bucket before and after. Raises Failed."""
        name = f"{self.bucket}_ensayo"
        await self.remove(name)
        try:
            yield name
        finally:
            await self.remove(name)

    async def id_of(self, name: str) -> str | None:
        """The id of a bucket, None where there is none. Raises Failed."""
        with _told():
            async with self._ask("GET", "buckets", allowed=MISSING, params={"org": self._org, "name": name}) as answer:
                found = [] if answer.status == NOT_FOUND else (await answer.json())["buckets"]
        return str(found[0]["id"]) if found else None

    async def version(self) -> str:
        """The server's version. Raises Failed."""
        with _told():
            async with self._session.get("/health") as answer:
                return str((await answer.json()).get("version", ""))

    async def _org_id(self) -> str:
        return str((await self._json("GET", "orgs", params={"org": self._org}))["orgs"][0]["id"])

    async def _manifest(self) -> Manifest:
        with _told():
            async with self._ask("GET", "backup/metadata") as answer:
                parts = _parts(answer.headers["Content-Type"], await answer.read())
        buckets: list[Manifest] = msgspec.json.decode(parts["buckets"])
        for one in buckets:
            if (one["organizationName"], one["bucketName"]) == (self._org, self.bucket):
                return one
        raise Failed(_("InfluxDB no tiene el depósito %(name)s: revise INFLUX_ORG e INFLUX_BUCKET", name=self.bucket))

    async def _rows(self, query: str) -> list[dict[str, str]]:
        body = {"query": query, "dialect": {"header": True, "delimiter": ",", "annotations": []}}
        with _told():
            async with self._ask("POST", "query", params={"org": self._org}, json=body) as answer:
                return list(flux.rows(await answer.text()))

    async def _json(self, method: str, path: str, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - as aiohttp takes it
        with _told():
            async with self._ask(method, path, **content) as answer:
                return dict(await answer.json())

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        path: str,
        *,
        allowed: frozenset[int] = frozenset(),
        **content: Any,  # noqa: ANN401 - as aiohttp takes it
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Accept-Encoding": "identity"}
        async with self._session.request(method, f"/api/v2/{path}", headers=headers, **content) as answer:
            if not (answer.ok or answer.status in allowed):
                raise Failed(_mend(answer.status, await answer.text()))
            yield answer


@contextmanager
def _told() -> Iterator[None]:
    """Turns the ways in which a server is away into Failed."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, flux.QueryError) as error:
        what = str(error) or type(error).__name__
        raise Failed(
            _("InfluxDB no responde (%(error)s): revise que esté en marcha e INFLUX_URL", error=what)
        ) from error


def _mend(status: int, told: str) -> Text:
    if status in {401, 403}:
        return _("InfluxDB no da copias a esta clave: INFLUX_TOKEN debe ser la de quien lo administra")
    if status == NOT_FOUND:
        return _("este InfluxDB no se deja copiar así (¿lo maneja otro?): ENERTRACK_RESPALDO_INFLUX=0 lo deja afuera")
    return _("InfluxDB se niega (%(status)s): %(told)s; mire su registro", status=status, told=told.strip()[:200])


def _parts(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of an answer by name: the server's own databases, which stay there, and the manifests."""
    whole = message_from_bytes(f"Content-Type: {kind}\n\n".encode() + body, policy=HTTP)
    found = {part.get_param("name", header="Content-Disposition"): part for part in whole.iter_parts()}
    return {str(name): bytes(part.get_payload(decode=True)) for name, part in found.items()}


async def _write(answer: aiohttp.ClientResponse, target: Path) -> None:
    with target.open("wb") as file:
        async for chunk in answer.content.iter_chunked(CHUNK):
            file.write(chunk)


def _groups(manifest: Manifest) -> list[dict[str, Any]]:
    return [
        group
        for policy in manifest["retentionPolicies"]
        for group in policy["shardGroups"]
        if not group.get("deletedAt")
    ]


def _shards(manifest: Manifest) -> list[int]:
    return [shard["id"] for group in _groups(manifest) for shard in group["shards"]]


def _only(manifest: Manifest, kept: list[int]) -> Manifest:
    """The manifest without what was not copied."""

    def lessened(policy: Mapping[str, Any]) -> dict[str, Any]:
        groups = [
            dict(group) | {"shards": [shard for shard in group["shards"] if shard["id"] in kept]}
            for group in policy["shardGroups"]
            if not group.get("deletedAt")
        ]
        return dict(policy) | {"shardGroups": [group for group in groups if group["shards"]]}

    return manifest | {"retentionPolicies": [lessened(policy) for policy in manifest["retentionPolicies"]]}
