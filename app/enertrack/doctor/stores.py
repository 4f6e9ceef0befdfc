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

from enertrack.doctor.finding import Check, Place, failure, minute, not_here, warning, well
from enertrack.domain.examination import Finding
from enertrack.domain.state import NodeState, node_state
from enertrack.domain.text import Text, listed, reason
from enertrack.domain.text import text as _
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
            return [not_here(_("todavía no hay datos; los crea `enertrack demo`"))]
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
        told = _("no se puede usar la base de datos: %(error)s", error=reason(error))
        means = _("nadie puede entrar a las páginas; las lecturas se siguen guardando")
        return [failure(told, means, _restart("mariadb"))]
    if found != head():
        told = _(
            "las tablas están en la revisión %(found)s, y este programa usa la %(ours)s",
            found=found or _("ninguna"),
            ours=head(),
        )
        mend = _("`enertrack db upgrade`")
        if found and not knows(found):
            mend = _("son de un programa más nuevo: `ansible-playbook playbooks/upgrade.yml` con esa versión")
        return [failure(told, _("páginas e ingesta pueden fallar"), mend)]
    return [well(_("responde, en la revisión %(found)s", found=found))]


def _restart(unit: str) -> Text:
    return _("`systemctl restart %(unit)s`; si no arranca, `journalctl -u %(unit)s -n 50`", unit=unit)


@_with_data
async def measurements(place: Place) -> list[Finding]:
    """InfluxDB lets us read the bucket."""
    try:
        async with _tables(place) as engine, open_measurements(place.settings, PATIENCE_S) as store:
            await store.ping()
            nodes = [n.id for n in await _nodes(engine)] or [1]
            newest = await store.latest(nodes, int((place.now - RECENT).timestamp()))
    except Forbidden as error:
        told = _("no se pueden usar las mediciones: %(error)s", error=reason(error))
        mend = _("repita `ansible-playbook playbooks/site.yml`, que hace otra clave")
        return [failure(told, _("no se guardan ni se ven lecturas"), mend)]
    except Unavailable as error:
        told = _("no se pueden usar las mediciones: %(error)s", error=reason(error))
        means = _("nada se guarda mientras tanto: el broker y los medidores conservan las lecturas")
        return [failure(told, means, _restart("influxdb"))]
    if not newest:
        return [well(_("responde; sin lecturas en %(days)s días", days=RECENT.days))]
    moment = datetime.fromtimestamp(max(r.t for r in newest.values()), UTC)
    return [well(_("responde; última lectura %(moment)s UTC", moment=minute(moment)))]


async def _nodes(engine: AsyncEngine) -> list[Node]:
    try:
        return await all_nodes(engine)
    except UNUSABLE:
        return []


async def broker(place: Place) -> list[Finding]:
    """The broker lets our account in and brings us our own word."""
    if place.settings.embedded:
        return [not_here(_("el de la demostración vive en su proceso"))]
    word, found = secrets.token_hex(8), _("el broker no entrega lo que se le publica")
    try:
        async with connect(place.settings, client_id=f"enertrack-doctor-{word}") as link:
            await link.subscribe(topics.TEST)
            await link.publish(topics.TEST, word)
            if any(m.payload == word.encode() for m in await link.take_all(PATIENCE_S)):
                return [well(_("deja entrar y entrega"))]
    except BrokerAway as error:
        found = _("no se puede usar el broker: %(error)s", error=reason(error))
    means = _("no llegan lecturas nuevas; los medidores las conservan")
    mend = _("`systemctl restart mosquitto`; si no acepta la cuenta, `enertrack broker setup`")
    return [failure(found, means, mend)]


@_with_data
async def meters(place: Place) -> list[Finding]:
    """Which meters in service are silent."""
    try:
        async with _tables(place) as engine:
            nodes = [n for n in await all_nodes(engine) if n.activo]
            heard = await last_accesses(engine)
    except UNUSABLE:
        return [not_here(_("no se sabe sin la base de datos"))]
    if not nodes:
        return [well(_("no hay ninguno todavía"))]
    states_ = {n.id: node_state(place.now, n.ultima_lectura, heard.get(n.id), n.intervalo_s, n.en_linea) for n in nodes}
    silent = [n for n in nodes if states_[n.id] is NodeState.DISCONNECTED]
    if silent:
        return [_silent(n) for n in silent[:NAMED]] + [_more(silent[NAMED:])] * (len(silent) > NAMED)
    new = sum(s is NodeState.NO_DATA for s in states_.values())
    sending = [_("%(count)s envían", count=len(nodes) - new)]
    return [well(listed(sending + [_("%(count)s todavía no enviaron nada", count=new)] * (new > 0)))]


def _silent(node: Node) -> Finding:
    assert node.ultima_lectura is not None, "one that never sent is not silent"
    return warning(
        _(
            "%(name)s (%(board)s) no envía lecturas desde %(moment)s UTC",
            name=node.nombre,
            board=node.esp_id,
            moment=minute(node.ultima_lectura),
        ),
        _("no se ve su consumo actual; si solo perdió la conexión, conserva lo que mide"),
        _(
            "revise su corriente y su Wi-Fi; `journalctl -u mosquitto | grep %(board)s` dice si llega al broker",
            board=node.esp_id,
        ),
    )


def _more(silent: list[Node]) -> Finding:
    return warning(
        _("y otros %(count)s medidores tampoco envían", count=len(silent)),
        _("si callan todos, la causa está en el servidor o en su red"),
        _("`enertrack node list` dice desde cuándo calla cada uno"),
    )


@_with_data
async def summaries(place: Place) -> list[Finding]:
    """The nightly look over the summaries is not behind."""
    try:
        async with _tables(place) as engine:
            found = await states.get(engine, SUMMARIES)
    except UNUSABLE:
        return [not_here(_("no se sabe sin la base de datos"))]
    if found is None:
        return [well(_("todavía no hizo falta ninguno"))]
    moment = datetime.fromtimestamp(int(found), UTC)
    if place.now - moment > LATE:
        told = _("los resúmenes se revisaron por última vez el %(moment)s UTC", moment=minute(moment))
        means = _("los consumos por hora, día y mes pueden no incluir lecturas atrasadas")
        unit = "enertrack-ingest"
        mend = _("`systemctl restart %(unit)s`; si sigue igual, `journalctl -u %(unit)s -n 50`", unit=unit)
        return [warning(told, means, mend)]
    return [well(_("revisados el %(moment)s UTC", moment=minute(moment)))]
