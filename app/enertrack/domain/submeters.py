"""Main meters and the sub-meters whose energy they measure too.

``parents`` tells the main meter of each sub-meter; a meter that it does not name, or names with None, has none. Links
that lead round in a circle count for nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence


def mains(parents: Mapping[int, int | None], meter: int) -> list[int]:
    """The meters that measure this one's energy too, the nearest first."""
    found: list[int] = []
    above = parents.get(meter)
    while above is not None and above not in found and above != meter:
        found.append(above)
        above = parents.get(above)
    if above is None:
        return found
    return [] if above == meter else found[: found.index(above) + 1]


def counted(parents: Mapping[int, int | None], meters: Collection[int]) -> frozenset[int]:
    """Those of ``meters`` that make up their sum: none whose energy another of them has measured already."""
    chosen = frozenset(meters)
    return frozenset(m for m in chosen if chosen.isdisjoint(mains(parents, m)))


def standing_for(
    parents: Mapping[int, int | None], values: Mapping[int, float], whole: Collection[int]
) -> frozenset[int]:
    """Those of ``values`` that make up their sum: a main meter, or its sub-meters where these know more.

    They do where the main meter was not there all the time (is not in ``whole``) and measured less than they did.
    """
    near = _nearest(parents, values)

    def choose(meter: int) -> frozenset[int]:
        if meter in whole:
            return frozenset({meter})
        below = choose_all(m for m, main in near.items() if main == meter)
        if not below or values[meter] >= sum(values[m] for m in below):
            return frozenset({meter})
        return below

    def choose_all(meters: Iterable[int]) -> frozenset[int]:
        return frozenset(chosen for meter in meters for chosen in choose(meter))

    return choose_all(m for m, main in near.items() if main is None)


def _nearest(parents: Mapping[int, int | None], meters: Collection[int]) -> dict[int, int | None]:
    """The nearest main meter among ``meters`` of each of them."""
    return {m: next((a for a in mains(parents, m) if a in meters), None) for m in meters}


def under(parents: Mapping[int, int | None], meters: Sequence[int]) -> list[tuple[int, int]]:
    """``meters`` in their order with each sub-meter below its main meter, and how deep it lies among them."""
    near = _nearest(parents, meters)

    def branch(main: int | None, depth: int) -> list[tuple[int, int]]:
        own = [m for m in meters if near[m] == main]
        return [entry for m in own for entry in ((m, depth), *branch(m, depth + 1))]

    return branch(None, 0)


def unmeasured(parents: Mapping[int, int | None], *cells: Mapping[int, float]) -> dict[int, float]:
    """What each main meter measured over ``cells`` of time beyond its sub-meters, in none of them less than nothing.

    Only meters that have sub-meters beside them in a cell are named; what these measured while it was away takes
    nothing from what it measured at other times.
    """
    total: dict[int, float] = {}
    for values in cells:
        rest: dict[int, float] = {}
        for meter, main in _nearest(parents, values).items():
            if main is not None:
                rest[main] = rest.get(main, values[main]) - values[meter]
        for main, value in rest.items():
            total[main] = total.get(main, 0.0) + max(0.0, value)
    return total
