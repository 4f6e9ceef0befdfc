"""What is known of a meter besides its readings: what it says of itself, and when it last delivered."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from enertrack.domain.decode import UNREADABLE
from enertrack.ingest.context import IDLE_S, Ingest
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Incoming, connect
from enertrack.stores.nodes import record_deliveries, record_state
from enertrack.supervise import finish

STATES: Final = "estado de los medidores"
DELIVERIES: Final = "últimas lecturas"
FLUSH_S: Final = 3.0


class State(msgspec.Struct, frozen=True):
    """The payload of ``estado``, as far as it is kept."""

    en_linea: bool
    fw: Annotated[str, Meta(max_length=32, pattern=r"\A[ -~]*\Z")] | None = None
    rssi: Annotated[int, Meta(ge=-200, le=100)] | None = None


async def take_states(ingest: Ingest) -> None:
    """Keep what meters say of themselves; their retained word comes again with each connection.

    Raises BrokerAway, DatabaseAway.
    """
    await ingest.until_loaded(STATES)
    async with connect(ingest.settings, client_id=f"{ingest.settings.enertrack_ingesta_id}-estado") as link:
        await link.subscribe(topics.estado("+"))
        ingest.health.well(STATES)
        while True:
            for message in await link.take_all(IDLE_S):
                await finish(_keep(ingest, message))
            ingest.health.well(STATES)


async def _keep(ingest: Ingest, message: Incoming) -> None:
    topic = topics.parse(message.topic)
    node = ingest.directory.by_board.get(topic.esp_id) if topic and topic.kind == topics.ESTADO else None
    if node is None:
        ingest.refuse("medidor_desconocido", message.topic, message.payload)
        return
    if not message.payload:  # so a retained word is taken away: that of a meter whose account is revoked
        return
    try:
        state = msgspec.json.decode(message.payload, type=State)
    except UNREADABLE:
        ingest.refuse("estado", message.topic, message.payload)
        return
    moment = datetime.fromtimestamp(message.at, UTC)
    await record_state(
        ingest.engine, node.id, en_linea=state.en_linea, firmware=state.fw, senal_dbm=state.rssi, momento=moment
    )


async def date_deliveries(ingest: Ingest) -> None:
    """Write when each node last delivered, every few seconds. Raises DatabaseAway, nothing being forgotten."""
    while True:
        await finish(flush_deliveries(ingest))
        ingest.health.well(DELIVERIES)
        await asyncio.sleep(FLUSH_S)


async def flush_deliveries(ingest: Ingest) -> None:
    """Write what was delivered since the last time. Raises DatabaseAway."""
    taken = dict(ingest.deliveries)
    if not taken:
        return
    await record_deliveries(ingest.engine, list(taken.values()))
    for node_id, delivery in taken.items():
        if ingest.deliveries.get(node_id) == delivery:
            del ingest.deliveries[node_id]
