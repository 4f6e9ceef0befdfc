"""A meter's main meter and its sub-meters, as far as they are the reader's."""

from collections.abc import Sequence

import msgspec

from enertrack.domain.submeters import mains, unmeasured
from enertrack.stores.nodes import Membership
from enertrack.web import meters
from enertrack.web.figures import Figures, figures


class Family(msgspec.Struct, frozen=True):
    """A meter, its nearest main meter, and those whose nearest main meter it is."""

    own: Membership
    main: Membership | None
    subs: list[Membership]


class Energies(msgspec.Struct, frozen=True):
    """Figures of a meter, Wh of today by sub-meter, and what none of these measured of it (None: it has none)."""

    own: Figures
    subs: dict[int, float | None]
    rest_wh: float | None


async def of(own: Membership, all_of_them: Sequence[Membership]) -> Family:
    """The family of ``own`` among the reader's meters."""
    parents = await meters.parents_of(all_of_them)
    by_id = {m.node.id: m for m in all_of_them}
    near = {i: next((a for a in mains(parents, i) if a in by_id), None) for i in by_id}
    main = near.get(own.node.id)
    return Family(own, by_id[main] if main else None, [m for i, m in by_id.items() if near[i] == own.node.id])


async def energies(kin: Family) -> Energies:
    """Energies of a meter and of its sub-meters. Raises Unavailable."""
    found = await figures([kin.own, *kin.subs])
    own = found[kin.own.node.id]
    subs = {m.node.id: found[m.node.id].today_wh for m in kin.subs}
    told = {i: wh for i, wh in subs.items() if wh is not None}
    rest = (
        unmeasured(dict.fromkeys(told, kin.own.node.id), {kin.own.node.id: own.today_wh, **told})
        if own.today_wh is not None
        else {}
    )
    return Energies(own, subs, rest.get(kin.own.node.id))
