"""The stores and the broker answer to this installation's accounts, and what they hold is up to date."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Final

import influxdb_client  # noqa: F401 - its import takes long: not while other checks wait for an answer
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine

from enertrack.doctor.finding import Check, Place, failure, not_here, warning, well
from enertrack.domain.examination import Finding
from enertrack.domain.state import NodeState, node_state
from enertrack.stores import states
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import BrokerAway, connect
from enertrack.stores.database import DatabaseAway, create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import Forbidden, Unavailable
from enertrack.stores.migration import head, knows, version
from enertrack.stores.nodes import Node, all_nodes, last_accesses

PATIENCE_S: Final = 4.0
RECENT: Final = timedelta(days=30)
SUMMARIES: Final = "resumenes_hasta"
LATE: Final = timedelta(hours=6)
NAMED: Final = 5
"""Silent meters that are told each by its own."""
UNUSABLE: Final = (DatabaseAway, exc.ProgrammingError, exc.OperationalError)
"""The database is away, or has no tables: the check of the tables says which."""


def _with_data(check: Check) -> Check:
    """Leave alone an embedded store that nobody has begun: to look would make it."""

    @wraps(check)
    async def guarded(place: Place) -> list[Finding]:
        if place.settings.embedded and not (place.settings.enertrack_datos / "enertrack.db").exists():
            return [not_here("todavía no hay datos; los crea `enertrack demo`")]
        return await check(place)

    return guarded


@asynccontextmanager
async def _tables(place: Place) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(place.settings)
    try:
        yield engine
    finally:
        await engine.dispose()


@_with_data
async def tables(place: Place) -> list[Finding]:
    """MariaDB lets us in, and its tables are those of this program."""
    try:
        found = await version(place.settings.database_url)
    except DatabaseAway as error:
        means = "nadie puede entrar a las páginas; las lecturas se siguen guardando"
        mend = "`systemctl restart mariadb`; si no arranca, `journalctl -u mariadb -n 50`"
        return [failure(f"no se puede usar la base de datos: {error}", means, mend)]
    if found != head():
        told = f"las tablas están en la revisión {found or 'ninguna'}, y este programa usa la {head()}"
        mend = "`enertrack db upgrade`"
        if found and not knows(found):
            mend = "son de un programa más nuevo: `ansible-playbook playbooks/upgrade.yml` con esa versión"
        return [failure(told, "páginas e ingesta pueden fallar", mend)]
    return [well(f"responde, en la revisión {found}")]


@_with_data
async def measurements(place: Place) -> list[Finding]:
    """InfluxDB lets us read the bucket."""
    mend = "`systemctl restart influxdb`; si no arranca, `journalctl -u influxdb -n 50`"
    try:
        async with _tables(place) as engine, open_measurements(place.settings, PATIENCE_S) as store:
            await store.ping()
            nodes = [n.id for n in await _nodes(engine)] or [1]
            newest = await store.latest(nodes, int((place.now - RECENT).timestamp()))
    except Forbidden as error:
        new = "repita `ansible-playbook playbooks/site.yml`, que hace otra clave"
        return [failure(f"InfluxDB no acepta la clave: {error}", "no se guardan ni se ven lecturas", new)]
    except Unavailable as error:
        means = "nada se guarda mientras tanto: el broker y los medidores conservan las lecturas"
        return [failure(f"InfluxDB no responde: {error}", means, mend)]
    if not newest:
        return [well("responde; sin lecturas en 30 días")]
    moment = datetime.fromtimestamp(max(r.t for r in newest.values()), UTC)
    return [well(f"responde; última lectura {moment:%Y-%m-%d %H:%M} UTC")]


async def _nodes(engine: AsyncEngine) -> list[Node]:
    try:
        return await all_nodes(engine)
    except UNUSABLE:
        return []


async def broker(place: Place) -> list[Finding]:
    """The broker lets our account in and brings us our own word."""
    if place.settings.embedded:
        return [not_here("el de la demostración vive en su proceso")]
    word, found = secrets.token_hex(8), "el broker no entrega lo que se le publica"
    try:
        async with connect(place.settings, client_id=f"enertrack-doctor-{word}") as link:
            await link.subscribe(topics.TEST)
            await link.publish(topics.TEST, word)
            if any(m.payload == word.encode() for m in await link.take_all(PATIENCE_S)):
                return [well("deja entrar y entrega")]
    except BrokerAway as error:
        found = f"no se puede usar el broker: {error}"
    means = "no llegan lecturas nuevas; los medidores las conservan"
    mend = "`systemctl restart mosquitto`; si no acepta la cuenta, `enertrack broker setup`"
    return [failure(found, means, mend)]


@_with_data
async def meters(place: Place) -> list[Finding]:
    """Which meters in service are silent."""
    try:
        async with _tables(place) as engine:
            nodes = [n for n in await all_nodes(engine) if n.activo]
            heard = await last_accesses(engine)
    except UNUSABLE:
        return [not_here("no se sabe sin la base de datos")]
    if not nodes:
        return [well("no hay ninguno todavía")]
    states_ = {n.id: node_state(place.now, n.ultima_lectura, heard.get(n.id), n.intervalo_s, n.en_linea) for n in nodes}
    silent = [n for n in nodes if states_[n.id] is NodeState.DISCONNECTED]
    if silent:
        return [_silent(n) for n in silent[:NAMED]] + [_more(silent[NAMED:])] * (len(silent) > NAMED)
    new = sum(s is NodeState.NO_DATA for s in states_.values())
    return [well(f"{len(nodes) - new} envían" + f"; {new} todavía no enviaron nada" * (new > 0))]


def _silent(node: Node) -> Finding:
    return warning(
        f"{node.nombre} ({node.esp_id}) no envía lecturas desde {node.ultima_lectura:%Y-%m-%d %H:%M} UTC",
        "no se ve su consumo actual; si solo perdió la conexión, conserva lo que mide",
        f"revise su corriente y su Wi-Fi; `journalctl -u mosquitto | grep {node.esp_id}` dice si llega al broker",
    )


def _more(silent: list[Node]) -> Finding:
    return warning(
        f"y otros {len(silent)} medidores tampoco envían",
        "si callan todos, la causa está en el servidor o en su red",
        "`enertrack node list` dice desde cuándo calla cada uno",
    )


@_with_data
async def summaries(place: Place) -> list[Finding]:
    """The nightly look over the summaries is not behind."""
    try:
        async with _tables(place) as engine:
            found = await states.get(engine, SUMMARIES)
    except UNUSABLE:
        return [not_here("no se sabe sin la base de datos")]
    if found is None:
        return [well("todavía no hizo falta ninguno")]
    moment = datetime.fromtimestamp(int(found), UTC)
    if place.now - moment > LATE:
        means = "los consumos por hora, día y mes pueden no incluir lecturas atrasadas"
        told = f"los resúmenes se revisaron por última vez el {moment:%Y-%m-%d %H:%M} UTC"
        return [
            warning(told, means, "`systemctl restart enertrack-ingest`; si sigue, `journalctl -u enertrack-ingest`")
        ]
    return [well(f"revisados el {moment:%Y-%m-%d %H:%M} UTC")]
