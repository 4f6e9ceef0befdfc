"""What a copy holds, so that what comes back can be compared with it."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from enertrack.domain.text import Text, listed
from enertrack.domain.text import text as _

FORM: Final = 1
NAME: Final = "manifiesto.json"
SHOWN: Final = 5


class Table(msgspec.Struct, frozen=True):
    """The rows of a table, by the order of their key."""

    filas: int
    sha256: str


class Month(msgspec.Struct, frozen=True):
    """The readings of a meter in a month (UTC): how many, and sums that tell one set of them from another."""

    lecturas: int = 0
    registro_wh: float = 0.0
    potencia_w: float = 0.0


Months = dict[str, Month]
"""By ``<node>/<year>-<month>``."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Of which installation a copy is, and what is in it.

    InfluxDB goes on writing while it is copied: the months are counted before and after, and what comes back lies
    between; where nothing was written that is one figure.
    """

    forma: int = FORM
    momento: str
    enertrack: str
    revision: str
    mariadb: str
    tablas: dict[str, Table]
    antes: Months | None
    despues: Months | None
    broker: bool

    @property
    def readings(self) -> int:
        """How many readings it holds at least."""
        return sum(month.lecturas for month in (self.antes or {}).values())


def other_tables(copied: Mapping[str, Table], found: Mapping[str, Table]) -> Iterator[Text]:
    """Each table that came back otherwise than it was copied."""
    for name in sorted(copied.keys() | found.keys()):
        one, other = copied.get(name), found.get(name)
        if one is None:
            yield _("la tabla %(name)s está solo en lo recuperado", name=name)
        elif other is None:
            yield _("la tabla %(name)s está solo en la copia", name=name)
        elif one.filas != other.filas:
            yield _("la tabla %(name)s tiene %(now)s filas y no %(then)s", name=name, now=other.filas, then=one.filas)
        elif one.sha256 != other.sha256:
            yield _("las filas de la tabla %(name)s no son las mismas", name=name)


def other_months(before: Months, after: Months, found: Months) -> Iterator[Text]:
    """Each month of a meter that came back otherwise than it was copied."""
    nothing = Month()
    for name in sorted(before.keys() | after.keys() | found.keys()):
        low, high, now = (months.get(name, nothing) for months in (before, after, found))
        if not low.lecturas <= now.lecturas <= high.lecturas:
            yield _(
                "el medidor %(name)s tiene %(now)s lecturas y no %(then)s",
                name=name,
                now=now.lecturas,
                then=low.lecturas,
            )
        elif low == high and not (
            math.isclose(now.registro_wh, low.registro_wh, rel_tol=1e-9, abs_tol=1e-6)
            and math.isclose(now.potencia_w, low.potencia_w, rel_tol=1e-9, abs_tol=1e-6)
        ):
            yield _("las lecturas del medidor %(name)s suman otra cosa", name=name)


def told(mistakes: list[Text]) -> Text:
    """The first mistakes, and how many more there are."""
    first, more = listed(mistakes[:SHOWN]), len(mistakes) - SHOWN
    return first if more <= 0 else _("%(first)s y %(more)s más", first=first, more=more)
