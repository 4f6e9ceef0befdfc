"""Each row of the table of the store's answers, against a server that gives that answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import Window, summarize
from enertrack.stores.measurements import influx
from enertrack.stores.measurements.influx import Influx
from enertrack.stores.measurements.protocol import Forbidden, NodeReading, NodeWindow, Unavailable
from tests.stores.measurements.answering import Answer, answer, answering, told
from tests.support.influxd import Influxd
from tests.support.processes import free_port

T0 = 1_760_000_400


def readings(n: int, start: int = T0) -> list[NodeReading]:
    return [NodeReading(3, Reading(t=start + i, dt=1, energia_wh=float(i), tension=230.0)) for i in range(n)]


@contextlib.asynccontextmanager
async def opened(
    url: str, bucket: str = "cubo", token: str = "t", org: str = Influxd.org, timeout_s: float = 10
) -> AsyncIterator[Influx]:
    store = Influx(url, token, org, bucket, timeout_s)
    try:
        yield store
    finally:
        await store.close()


async def stored(server: Influxd, bucket: str) -> int:
    async with opened(server.url, bucket, server.token) as store:
        return len((await store.readings([3], 0, 4_000_000_000))[3])


def post(server: Influxd, bucket: str, line: str) -> None:
    server.request("POST", "/api/v2/write", params={"org": server.org, "bucket": bucket}, content=line)


async def test_400_refuses_the_bad_lines_alone(influxd_server: Influxd, influxd_bucket: str) -> None:
    sent = readings(5000)
    for bad in (0, 1234, 4999):
        sent[bad] = NodeReading(3, Reading(t=T0 + bad, dt=1, tension=float("nan")))
    async with opened(influxd_server.url, influxd_bucket, influxd_server.token) as store:
        refused = await store.write(sent)
        alone = await store.write(sent[:1])
    assert [r.index for r in refused] == [0, 1234, 4999]
    assert "invalid number" in refused[0].reason
    assert [r.index for r in alone] == [0]
    assert await stored(influxd_server, influxd_bucket) == 4997


async def test_422_by_a_field_of_another_type_refuses_what_has_that_field(
    influxd_server: Influxd, influxd_bucket: str
) -> None:
    post(influxd_server, influxd_bucket, f"medicion,nodo=9 potencia=5i {T0}000000000")
    sent = readings(20)
    sent[7] = NodeReading(3, Reading(t=T0 + 7, dt=1, potencia=100.0))
    async with opened(influxd_server.url, influxd_bucket, influxd_server.token) as store:
        refused = await store.write(sent)
    assert [r.index for r in refused] == [7]
    assert "type conflict" in refused[0].reason
    assert await stored(influxd_server, influxd_bucket) == 19


async def test_422_by_retention_refuses_the_old_and_stores_the_rest(influxd_server: Influxd) -> None:
    bucket = influxd_server.new_bucket(retention_s=86_400)
    now = int(datetime.now(UTC).timestamp())
    async with opened(influxd_server.url, bucket, influxd_server.token) as store:
        refused = await store.write([*readings(3, T0), *readings(3, now - 10)])
        assert [r.index for r in refused] == [0, 1, 2]
        assert all("retention" in r.reason.lower() for r in refused)
        assert await stored(influxd_server, bucket) == 3
        old = Window(T0, T0 + 900, summarize([readings(1)[0].reading], 26_500.0))
        with pytest.raises(Unavailable, match="rechaza 1 resúmenes de medicion_15m"):
            await store.write_windows(Resolution.QUARTER, [NodeWindow(3, old)])


async def test_401_is_for_a_person_to_mend_whatever_was_asked(influxd_server: Influxd, influxd_bucket: str) -> None:
    async with opened(influxd_server.url, influxd_bucket, "wrong") as store:
        for asked in (
            store.write(readings(2)),
            store.readings([3], 0, T0),
            store.span(3),
            store.delete_windows(Resolution.DAY, 3, 0, T0),
        ):
            with pytest.raises(Forbidden, match="INFLUX_TOKEN"):
                await asked


async def test_403_of_a_token_without_the_right(influxd_server: Influxd, influxd_bucket: str) -> None:
    async with opened(influxd_server.url, influxd_bucket, influxd_server.reading_token()) as store:
        assert await store.span(3) is None
        with pytest.raises(Forbidden, match="INFLUX_TOKEN"):
            await store.write(readings(2))


@pytest.mark.parametrize(("bucket", "org"), [("no-such", Influxd.org), (None, "no-such")])
async def test_404_names_the_settings(
    influxd_server: Influxd, influxd_bucket: str, bucket: str | None, org: str
) -> None:
    async with opened(influxd_server.url, bucket or influxd_bucket, influxd_server.token, org) as store:
        with pytest.raises(Forbidden, match="INFLUX_BUCKET"):
            await store.write(readings(2))
        with pytest.raises(Forbidden, match="INFLUX_BUCKET"):
            await store.readings([3], 0, T0)


async def test_over_a_network_what_is_sent_is_compressed(
    influxd_server: Influxd, influxd_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(influx, "_LOOPBACK", frozenset())
    async with opened(influxd_server.url, influxd_bucket, influxd_server.token) as store:
        assert await store.write(readings(500)) == []
        assert (await store.readings([3], 0, T0 + 500))[3] == [r.reading for r in readings(500)]
    async with answering(lambda _path, _body: answer(204)) as server, opened(server.url) as store:
        await store.write(readings(500))
        assert server.asked[0][1].startswith(b"\x1f\x8b")


async def test_killed_and_started_again_it_is_away_and_then_serves_the_same_store(tmp_path: Path) -> None:
    with Influxd(tmp_path) as server:
        bucket = server.new_bucket()
        async with opened(server.url, bucket, server.token) as store:
            await store.write(readings(100))
            server.kill()
            for asked in (store.write(readings(1)), store.readings([3], 0, T0), store.ping()):
                with pytest.raises(Unavailable, match="no responde"):
                    await asked
            server.start()
            await store.ping()
            assert await store.write(readings(100, T0 + 50)) == []
            assert await store.span(3) == (T0, T0 + 149)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_overload_keeps_everything_and_passes_on_the_servers_wish(status: int) -> None:
    async with answering(lambda _path, _body: answer(status, "{}", Retry_After="7")) as server, opened(server.url) as s:
        for asked in (s.write(readings(5)), s.readings([3], 0, T0), s.delete_windows(Resolution.DAY, 3, 0, T0)):
            with pytest.raises(Unavailable, match=str(status)) as raised:
                await asked
            assert not isinstance(raised.value, Forbidden)
            assert raised.value.retry_after_s == 7.0
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("wish", "at_least", "at_most"),
    [(timedelta(minutes=30), 1000, 1800), (timedelta(hours=-1), 0, 0), (timedelta(days=9), 3600, 3600)],
)
async def test_a_wish_may_be_a_date(wish: timedelta, at_least: float, at_most: float) -> None:
    when = format_datetime(datetime.now(UTC) + wish, usegmt=True)
    async with answering(lambda _path, _body: answer(503, Retry_After=when)) as server, opened(server.url) as store:
        with pytest.raises(Unavailable) as raised:
            await store.write(readings(1))
    assert raised.value.retry_after_s is not None
    assert at_least <= raised.value.retry_after_s <= at_most


async def test_a_wish_that_says_nothing_is_none() -> None:
    async with answering(lambda _path, _body: answer(503, Retry_After="soon")) as server, opened(server.url) as store:
        with pytest.raises(Unavailable) as raised:
            await store.write(readings(1))
    assert raised.value.retry_after_s is None


async def test_a_reset_a_silence_and_a_closed_port_are_the_store_being_away() -> None:
    async with answering(lambda _path, _body: None) as server, opened(server.url) as store:
        with pytest.raises(Unavailable, match="no responde"):
            await store.write(readings(1))
    async with answering(lambda _path, _body: b"") as server, opened(server.url, timeout_s=0.1) as store:
        with pytest.raises(Unavailable, match="no responde"):
            await store.write(readings(1))
    async with opened(f"http://127.0.0.1:{free_port()}") as store:
        with pytest.raises(Unavailable, match="no responde"):
            await store.write(readings(1))


async def test_413_splits_until_it_fits() -> None:
    def reply(_path: str, body: bytes) -> bytes:
        return answer(204) if len(body.splitlines()) <= 40 else answer(413, "<html>Request Entity Too Large</html>")

    async with answering(reply) as server, opened(server.url) as store:
        assert await store.write(readings(500)) == []
        taken = [line for _, body in server.asked if len(body.splitlines()) <= 40 for line in body.splitlines()]
    assert len(taken) == len(set(taken)) == 500


async def test_413_of_a_single_line_refuses_nothing() -> None:
    async with answering(lambda _path, _body: answer(413)) as server, opened(server.url) as store:
        with pytest.raises(Unavailable, match="413"):
            await store.write(readings(3))


@pytest.mark.parametrize(
    "sent",
    [
        answer(400, "<html>Bad Request</html>"),
        told(400, "invalid", "Please provide either orgID or org"),
        answer(422, "<html>blocked</html>"),
        answer(302, Location="/elsewhere"),
        answer(301, Location="/elsewhere"),
    ],
)
async def test_an_answer_that_is_not_about_lines_refuses_no_reading(sent: bytes) -> None:
    def reply(path: str, _body: bytes) -> bytes:
        return answer(200, "welcome") if path == "/elsewhere" else sent

    async with answering(reply) as server, opened(server.url) as store:
        with pytest.raises(Unavailable):
            await store.write(readings(8))
        assert len(server.asked) == 1


async def test_where_all_lines_are_refused_it_does_not_ask_for_each() -> None:
    all_bad = told(422, "unprocessable entity", "failure writing points to database: partial write: x dropped=64")
    async with answering(lambda _path, _body: all_bad) as server, opened(server.url) as store:
        refused = await store.write(readings(64))
        assert [r.index for r in refused] == list(range(64))
        assert len(server.asked) == 1


async def test_overload_in_the_midst_of_a_search_for_bad_lines_refuses_nothing() -> None:
    replies: list[Answer] = [told(400, "invalid", "unable to parse 'x': invalid number"), answer(503)]
    async with answering(lambda _path, _body: replies.pop(0)) as server, opened(server.url) as store:
        with pytest.raises(Unavailable, match="503"):
            await store.write(readings(8))


@pytest.mark.parametrize(
    "sent",
    [
        answer(
            200, ",result,table,_time,nodo,dt\r\n,_result,0,2025-10-09T09:00:00Z,3,60\r\n\r\n,error,reference\r\n,x,9"
        ),
        b"HTTP/1.1 200 x\r\nContent-Length: 900\r\nConnection: close\r\n\r\n,result,table,_time,nodo,dt\r\n",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n,resu\r\nzz",
    ],
)
async def test_an_answer_that_breaks_off_is_no_answer(sent: bytes) -> None:
    async with answering(lambda _path, _body: sent) as server, opened(server.url, timeout_s=0.5) as store:
        with pytest.raises(Unavailable):
            await store.readings([3], 0, T0)


async def test_many_writes_at_once_are_each_answered(influxd_server: Influxd, influxd_bucket: str) -> None:
    async with opened(influxd_server.url, influxd_bucket, influxd_server.token) as store:
        await asyncio.gather(*(store.write(readings(50, T0 + 50 * i)) for i in range(40)))
        assert len((await store.readings([3], T0 - 1, T0 + 2000))[3]) == 2000
