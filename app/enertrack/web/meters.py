"""A person's meters: whose they are, how they are, and their newest values."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from quart import abort

from enertrack.domain.state import NodeState, node_state
from enertrack.stores import nodes
from enertrack.stores.measurements.protocol import History, Unavailable
from enertrack.stores.measurements.since import Bound, Since
from enertrack.stores.nodes import Membership, Node
from enertrack.stores.tables import Role
from enertrack.web.auth.session import user
from enertrack.web.services import Services, services
from enertrack.web.together import Parents
from enertrack.web.values import Values, seen_since

NEWEST_WITHIN_S: Final = 7 * 86_400
NOTHING: Final = Values()


class Meter(msgspec.Struct, frozen=True):
    """One of the reader's meters with its present state and values; ``t`` is when they were measured."""

    node: Node
    ubicacion: str | None
    state: NodeState
    values: Values

    @property
    def t(self) -> int | None:
        """The second of the newest values or of the newest stored reading."""
        stored = int(self.node.ultima_lectura.timestamp()) if self.node.ultima_lectura else 0
        return max(self.values.t, stored) or None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the place."""
        return zone_of(self.node)


def zone_of(node: Node) -> ZoneInfo:
    """The zone of a node's place."""
    return ZoneInfo(node.zona_horaria)


async def mine() -> list[Membership]:
    """The meters of the person who asks."""
    return [_as_theirs(m) for m in await nodes.memberships(services().engine, user().id) if m.node.activo]


def chosen(own: Sequence[Membership], asked: Iterable[str]) -> list[Membership]:
    """Those of these whose boards were asked for, all where none was. 404 for any other, be it a stranger's or none."""
    wanted = {esp_id for esp_id in asked if esp_id}
    if not wanted <= {m.node.esp_id for m in own}:
        abort(404)
    return [m for m in own if m.node.esp_id in wanted or not wanted]


async def parents_of(own: Iterable[Membership]) -> Parents:
    """The main meters of these and of those above them, by the ids of their nodes, be they the person's or not."""
    known = {m.node.id: m.node.padre_id for m in own}
    while above := {main for main in known.values() if main is not None} - known.keys():
        known |= await nodes.parents(services().engine, above)
    return {meter: main for meter, main in known.items() if main is not None}


async def mine_or_404(esp_id: str, role: Role = Role.LECTOR, *, retired: bool = False) -> Membership:
    """That meter, if it is theirs: a stranger's does not differ from none. 403 where they may only do less.

    One that is out of service is found where ``retired`` is asked for.
    """
    found = await nodes.membership(services().engine, user().id, esp_id)
    if found is None or not (found.node.activo or retired):
        abort(404)
    if not found.rol.allows(role):
        abort(403)
    return _as_theirs(found)


def _as_theirs(found: Membership) -> Membership:
    """Without the moment of a reading that is not theirs to see."""
    newest, desde = found.node.ultima_lectura, found.desde
    if newest is None or desde is None or newest > desde:
        return found
    return msgspec.structs.replace(found, node=msgspec.structs.replace(found.node, ultima_lectura=None))


def since(membership: Membership) -> int:
    """The last second whose reading is not theirs to see, 0 where all are."""
    return int(membership.desde.timestamp()) if membership.desde else 0


def history(memberships: Iterable[Membership]) -> History:
    """What the person may read of these meters: the only way from a page to what was measured."""
    bounds = {m.node.id: Bound(since(m), m.node.potencia_max_w) for m in memberships if m.desde is not None}
    store = services().measurements
    return Since(store, bounds) if bounds else store


async def look(memberships: Sequence[Membership]) -> list[Meter]:
    """The present of these meters, asking the store once for those that live values do not cover."""
    await _learn([m.node for m in memberships])
    present = services()
    return [seen(m, present) for m in memberships]


def seen(membership: Membership, present: Services) -> Meter:
    """The present of a meter as far as it is known in memory."""
    live, node = present.live, _as_theirs(membership).node
    values = seen_since(live.values(node.esp_id) or NOTHING, since(membership)) or NOTHING
    moments = [t for t in (node.ultima_lectura, _moment(values.t)) if t is not None]
    online = live.online.get(node.esp_id, node.en_linea)
    now = datetime.fromtimestamp(present.now(), UTC)
    state = node_state(now, max(moments, default=None), membership.ultimo_acceso, node.intervalo_s, online)
    return Meter(node, membership.ubicacion, state, values)


async def _learn(found: Iterable[Node]) -> None:
    present = services()
    by_id = {n.id: n for n in found if n.ultima_lectura is not None}
    asked = set(present.live.unknown(n.esp_id for n in by_id.values()))
    ids = [i for i, n in by_id.items() if n.esp_id in asked]
    if not ids:
        return
    try:
        readings = await present.measurements.latest(ids, present.now() - NEWEST_WITHIN_S)
    except Unavailable:
        return  # the page tells of it where it asks for energies
    for i in ids:
        present.live.learn(by_id[i].esp_id, readings.get(i))


def _moment(t: int) -> datetime | None:
    return datetime.fromtimestamp(t, UTC) if t else None
