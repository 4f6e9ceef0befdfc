"""A measured ratio, as a line of JSON and as a row of docs/quality.md."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final, Literal

import msgspec

QUALITY: Final = Path(__file__).parents[2] / "docs/quality.md"
_TABLE: Final = re.compile(r"(<!-- bench:begin -->\n).*(<!-- bench:end -->)", re.DOTALL)


class Budget(msgspec.Struct, frozen=True):
    """What a figure must reach or must not pass."""

    way: Literal["at least", "at most"]
    value: float
    unit: str = "x"

    def met(self, value: float) -> bool:
        """Whether ``value`` is within it."""
        return value >= self.value if self.way == "at least" else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.way == 'at least' else '≤'} {number(self.value)} {self.unit}"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured (``ours``) against what (``theirs``), each a median in ``unit`` over ``n`` alternating turns.

    ``ratio`` is the median of the turns' ratios, ``title`` what the table calls it, ``load`` the machine's one-minute
    load before. Without a budget it is only told.
    """

    name: str
    title: str
    ratio: float
    budget: Budget | None
    ours: float
    theirs: float
    unit: str
    n: int
    load: float

    @property
    def ok(self) -> bool:
        """Whether the budget is kept."""
        return self.budget is None or self.budget.met(self.ours if self.budget.unit == self.unit else self.ratio)

    @property
    def _budget(self) -> str:
        return str(self.budget) if self.budget else "-"

    @property
    def _kept(self) -> str:
        return "-" if self.budget is None else "sí" if self.ok else "no"

    def line(self) -> str:
        """One line of JSON."""
        told = {
            "name": self.name,
            "ratio": round(self.ratio, 4),
            "budget": self._budget,
            "ok": self.ok,
            "ours": f"{number(self.ours)} {self.unit}",
            "theirs": f"{number(self.theirs)} {self.unit}",
            "n": self.n,
            "machine": f"{machine()}, load {self.load:.1f}",
        }
        return msgspec.json.encode(told).decode()

    def row(self) -> str:
        """A row of the table."""
        cells = (
            self.title,
            f"{number(self.ratio)} x",
            self._budget,
            self._kept,
            f"{number(self.ours)} {self.unit}",
            f"{number(self.theirs)} {self.unit}",
            str(self.n),
        )
        return f"| {' | '.join(cells)} |"


class Turns(msgspec.Struct, frozen=True):
    """Figures in ``unit`` of two sides that were measured one after the other, again and again."""

    unit: str
    ours: list[float]
    theirs: list[float]
    load: float

    def result(self, name: str, title: str, budget: Budget | None) -> Result:
        """What they come to."""
        return Result(
            name=name,
            title=title,
            ratio=median(a / b for a, b in zip(self.ours, self.theirs, strict=True)),
            budget=budget,
            ours=median(self.ours),
            theirs=median(self.theirs),
            unit=self.unit,
            n=len(self.ours),
            load=self.load,
        )


def number(value: float) -> str:
    """Three significant figures, thousands whole."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


def load() -> float:
    """The machine's load over the last minute."""
    return os.getloadavg()[0]


def publish(results: Sequence[Result], quality: Path = QUALITY) -> None:
    """Put the table of ``results`` in the place of the one before."""
    names = "medida", "relación", "presupuesto", "cumple", "EnerTrack", "comparado con", "vueltas"
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|"
    highest = number(max(r.load for r in results))
    note = f"{os.cpu_count()} núcleos, Python {platform.python_version()}, carga de la máquina hasta {highest}."
    table = "\n".join((head, *(r.row() for r in results), "", note))
    text = quality.read_text()
    quality.write_text(_TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text))
