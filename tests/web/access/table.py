"""Who may do what: each route of the application is a row here, or the test of the table fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Needs(Enum):
    """The least that a route asks of who comes; roles are those on the meter that the address names."""

    NOBODY = "anybody"
    USER = "signed in"
    LECTOR = "lector"
    GESTOR = "gestor"
    PROPIETARIO = "propietario"
    ADMIN = "administrator"


@dataclass(frozen=True)
class Row:
    """A route: ``path`` has {meter} where it names one; ``form`` is what a POST sends besides its proof.

    Who asks a ``bearer`` route shows a token instead of a cookie, and sends ``form`` as JSON.
    ``data`` routes answer 401 to who has not signed in, pages send to the form; a ``stream`` has no end. ``ok`` are
    the statuses of who may.
    """

    endpoint: str
    path: str
    needs: Needs
    method: str = "GET"
    data: bool = False
    stream: bool = False
    bearer: bool = False
    ok: frozenset[int] = frozenset({200})
    form: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What the application knows it by."""
        return self.endpoint, self.method


DONE: Final = frozenset({200, 303, 400, 422})
"""A form was let in, whatever its fields were worth."""
