"""What a copy holds, so that what comes back can be compared with it."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

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


def other_tables(copied: Mapping[str, Table], found: Mapping[str, Table]) -> Iterator[str]:
    """Each table that came back otherwise than it was copied."""
    for name in sorted(copied.keys() | found.keys()):
        one, other = copied.get(name), found.get(name)
        if one is None or other is None:
            yield f"la tabla {name} está solo en {'lo recuperado' if one is None else 'la copia'}"
        elif one.filas != other.filas:
            yield f"la tabla {name} tiene {other.filas} filas y no {one.filas}"
        elif one.sha256 != other.sha256:
            yield f"las filas de la tabla {name} no son las mismas"


def other_months(before: Months, after: Months, found: Months) -> Iterator[str]:
    """Each month of a meter that came back otherwise than it was copied."""
    nothing = Month()
    for name in sorted(before.keys() | after.keys() | found.keys()):
        low, high, now = (months.get(name, nothing) for months in (before, after, found))
        if not low.lecturas <= now.lecturas <= high.lecturas:
            yield f"el medidor {name} tiene {now.lecturas} lecturas y no {low.lecturas}"
        elif low == high and not (
            math.isclose(now.registro_wh, low.registro_wh, rel_tol=1e-9, abs_tol=1e-6)
            and math.isclose(now.potencia_w, low.potencia_w, rel_tol=1e-9, abs_tol=1e-6)
        ):
            yield f"las lecturas del medidor {name} suman otra cosa"


def told(mistakes: list[str]) -> str:
    """The first mistakes, and how many more there are."""
    more = f" y {len(mistakes) - SHOWN} más" if len(mistakes) > SHOWN else ""
    return "; ".join(mistakes[:SHOWN]) + more
