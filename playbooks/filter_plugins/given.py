"""What an operator wrote into the inventory, looked at before anything is touched."""

import difflib
import zoneinfo
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

ALIKE: Final = 0.8
OURS: Final = "ENERTRACK_"


def is_zone(name: str) -> bool:
    """Whether a time zone has this name; any name where this computer knows none."""
    known = zoneinfo.available_timezones()
    return not known or name in known


def misspelt(given: Iterable[str], known: Collection[str]) -> list[str]:
    """Of the names given those that nothing reads though they were meant to be, each with the one that was meant."""
    return sorted(_told(set(given) - set(known), {name.upper(): name for name in known}))


def _told(unknown: Iterable[str], known: dict[str, str]) -> Iterator[str]:
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1, cutoff=ALIKE) if name.isupper() else []
        if meant := known.get(name.upper()) or next(map(known.get, near), None):
            yield f"{name}: no se conoce: ¿es {meant}?"
        elif name.startswith(OURS):
            yield f"{name}: aquí no se lee: quítela"


class FilterModule:
    """The filters of this file, as Ansible asks for them."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Each filter by its name."""
        return {"is_zone": is_zone, "misspelt": misspelt}
