"""What ingest is compared with, each in a process of its own: ``bare`` only receives, ``original`` writes each message.

They say ``listo`` once they are subscribed, and in the end confirm all messages on a topic where the bench hears it,
as ingest does on those of the meters.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import aiomqtt
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.client.write.point import Point
from influxdb_client.domain.write_precision import WritePrecision

from enertrack.stores.broker import topics
from tests.support.flood import fleet

FIELDS: Final = {
    "e": "energia_wh",
    "p": "potencia",
    "px": "potencia_max",
    "u": "tension",
    "i": "corriente",
    "fp": "fp",
    "f": "frecuencia",
    "dt": "dt",
    "seq": "seq",
    "q": "calidad",
}
BUCKET: Final = "INFLUX_BUCKET"

Take = Callable[[aiomqtt.Message], Awaitable[None]]


async def receive(port: int, n: int, take: Take | None) -> None:
    """Take ``n`` messages, one after the other."""
    async with aiomqtt.Client("127.0.0.1", port, identifier="comparado") as client:
        await client.subscribe(topics.medicion("+"), qos=1)
        print("listo", flush=True)  # noqa: T201 - to the bench
        taken = 0
        async for message in client.messages:
            if take:
                await take(message)
            taken += 1
            if taken == n:
                break
        await client.publish(topics.ack(fleet(1)[0]), json.dumps({"de": 1, "a": n}), qos=1)


async def bare(port: int, n: int) -> None:
    """Nothing but receiving."""
    await receive(port, n, None)


async def original(port: int, n: int) -> None:
    """One write for each message, awaited."""
    account = {name: os.environ[f"INFLUX_{name.upper()}"] for name in ("url", "token", "org")}
    async with InfluxDBClientAsync(**account) as influx:
        writes = influx.write_api()

        async def take(message: aiomqtt.Message) -> None:
            body = json.loads(message.payload)
            point = Point("medicion").tag("esp_id", message.topic.value.split("/")[1])
            for key, name in FIELDS.items():
                point.field(name, float(body[key]))
            await writes.write(os.environ[BUCKET], record=point.time(body["t"], WritePrecision.S))

        await receive(port, n, take)


if __name__ == "__main__":
    way, at, count = sys.argv[1:]
    asyncio.run({"bare": bare, "original": original}[way](int(at), int(count)))
