"""What an examination of the installation tells: findings, by the check that made them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from enertrack.domain.text import Text


class State(StrEnum):
    """How a finding is, the worst first."""

    FAILURE = "falla"
    WARNING = "aviso"
    WELL = "bien"
    NOT_HERE = "no_aplica"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found (Spanish), what it means, and how it is mended; ``textos`` has each for other languages."""

    estado: State
    hallado: str
    significa: str = ""
    arreglo: str = ""
    textos: dict[str, Text] = {}


class Examination(msgspec.Struct, frozen=True):
    """What ``enertrack doctor --json`` writes; this form is kept, with at most further fields.

    ``momento`` is when it was made (RFC 3339, UTC); ``estado`` is the worst of all findings; ``controles`` has the
    findings of each check by its name, one at least, each with its ``estado`` and ``hallado`` and, where it is
    ``falla`` or ``aviso``, ``significa`` and ``arreglo``. ``textos`` has these by their names, each as its ``mensaje``
    and the ``valores`` that belong into it.
    """

    momento: datetime
    estado: State
    controles: dict[str, list[Finding]]


def finding(state: State, found: Text, means: Text | None = None, mend: Text | None = None) -> Finding:
    """A finding in Spanish, with what is needed to say it in other languages."""
    given = {"hallado": found, "significa": means, "arreglo": mend}
    texts = {name: text for name, text in given.items() if text}
    return Finding(state, **{name: str(text) for name, text in texts.items()}, textos=texts)


def worst(findings: Sequence[Finding]) -> State:
    """The worst state of all that applies."""
    order = list(State)
    return min((f.estado for f in findings), key=order.index, default=State.NOT_HERE)
