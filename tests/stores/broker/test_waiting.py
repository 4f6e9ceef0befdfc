"""Told to end in the very moment in which the broker answers."""

import asyncio
from pathlib import Path

import pytest

from enertrack.stores.broker.client import connect
from tests.ingest.conftest import settings_for
from tests.support.mosquitto import Mosquitto


async def test_cancelled_while_the_answer_comes(mosquitto_server: Mosquitto, tmp_path: Path) -> None:
    async with connect(settings_for(mosquitto_server.port, tmp_path), client_id="interrumpido") as link:
        paho = link._client._client  # there is no other way to meet that moment
        answered = paho.on_subscribe
        task = asyncio.ensure_future(link.subscribe("enertrack/+/ack"))

        def at_once(*answer: object) -> None:
            answered(*answer)  # type: ignore[misc, arg-type]
            task.cancel()

        paho.on_subscribe = at_once
        async with asyncio.timeout(20):
            with pytest.raises(asyncio.CancelledError):
                await task
