"""Accounts at the broker: one protocol; Mosquitto's dynamic security (dynsec.py), or a person's hand (byhand.py)."""

import secrets
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
from pydantic import SecretStr

from enertrack.stores.broker.rights import Meter, Rights

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for another letter when typing it into a board's form."""
GROUPS: Final = 7
GROUP: Final = 4
"""28 letters of 31: 138 bits."""


class AccountsFailed(Exception):
    """The broker answered that it cannot do that with its accounts, or does not know how; the text is Spanish."""


class Credential(msgspec.Struct, frozen=True):
    """What a meter needs to be let in; nobody can read the password again."""

    user: str
    password: SecretStr
    client_id: str


class ServiceAccount(msgspec.Struct, frozen=True):
    """An account of a process, the role that holds its rights, and the password that it shall have."""

    user: str
    role: str
    rights: Rights
    password: SecretStr


class Accounts(Protocol):
    """Every method raises ``BrokerAway`` and ``AccountsFailed``, and may be repeated."""

    async def grant(self, meter: Meter) -> Credential | None:
        """Make a meter's account with a new password; one that it had is cut off. None: it is made by hand."""

    async def revoke(self, meter: Meter) -> bool:
        """Cut a meter off and forget its account; False: that is done by hand."""

    async def meters(self) -> set[str] | None:
        """The boards that have an account, None where nobody can tell."""

    async def set_up(self, wanted: Sequence[ServiceAccount]) -> list[str]:
        """Have exactly these service accounts, leaving those of which nothing is said; what was changed, a line each.

        The account that original boards share goes away where it is not wanted.
        """


def new_password() -> SecretStr:
    """A password at random, in groups that can be typed."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return SecretStr("-".join(groups))
