"""How much one person may keep here, so that nobody fills the tables and the broker for all."""

from collections.abc import Sized
from typing import Final

from quart import abort

METERS: Final = 500
"""That a person owns, those out of service too."""
INVITATIONS: Final = 200
"""Open at a time, to a meter or to make an account."""
TOKENS: Final = 100
"""Personal ones in force."""


def leave_room(kept: Sized, most: int) -> None:
    """Refuse (409) one more where there are so many already."""
    if len(kept) >= most:
        abort(409)
