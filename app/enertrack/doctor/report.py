"""An examination for a person: failures first, each with its mend, and a summary line."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from enertrack.domain.examination import Examination, Finding, State, worst

WIDTH: Final = 80
MARGIN: Final = 21
TITLES: Final = {State.FAILURE: "FALLA", State.WARNING: "AVISO", State.WELL: "bien", State.NOT_HERE: "-"}
ILL: Final = {State.FAILURE, State.WARNING}
COUNTS: Final = {
    State.FAILURE: ("falla", "fallas"),
    State.WARNING: ("aviso", "avisos"),
    State.WELL: ("bien", "bien"),
    State.NOT_HERE: ("no se aplica", "no se aplican"),
}


def text(examination: Examination) -> str:
    """The whole, at most 80 columns wide but for words that are longer."""
    rows = sorted(
        ((name, f) for name, findings in examination.controles.items() for f in findings),
        key=lambda row: list(State).index(row[1].estado),
    )
    lines = [line for name, finding in rows for line in _finding(name, finding)]
    return "\n".join([*lines, "", _summary(examination)]) + "\n"


def changes(before: Examination | None, now: Examination) -> Iterator[tuple[str, Finding]]:
    """What the checks found that are not as they were: what ails them, or that they are well again."""
    for name, findings in now.controles.items():
        ills, old = _ills(findings), _ills(before.controles.get(name, []) if before else [])
        if Counter(f.estado for f in ills) != Counter(f.estado for f in old):
            yield from ((name, f) for f in ills or findings)


def _ills(findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if f.estado in ILL]


def _finding(name: str, finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"{TITLES[finding.estado]:<6} {name:<14}", finding.hallado)
    if finding.significa:
        yield from _wrapped(" " * (MARGIN + 2), f"Significa: {finding.significa}.")
    if finding.arreglo:
        yield from _wrapped(" " * (MARGIN + 2), f"Arreglo: {finding.arreglo}.")


def _wrapped(start: str, told: str) -> list[str]:
    indent = " " * max(MARGIN, len(start))
    return textwrap.wrap(
        told, WIDTH, initial_indent=start, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _summary(examination: Examination) -> str:
    counts = Counter(worst(findings) for findings in examination.controles.values())
    told = ", ".join(f"{counts[s]} {COUNTS[s][counts[s] != 1]}" for s in State if counts[s])
    return f"{len(examination.controles)} controles: {told}."
