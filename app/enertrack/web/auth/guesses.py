"""Passwords and codes that somebody brings, checked as often as one may guess.

A guess counts under the client's address and under the account: many clients together may not go on for ever either.
None of them shall keep the owner out: a browser in which somebody has signed in to the account before holds a proof of
that (OWASP's device cookie), and is counted by itself instead of with all others. A name that is nobody's counts like
an account, so that being refused tells nothing, but where it cannot push an account's count out of memory.
"""

import hashlib
import logging
import secrets
import unicodedata
from typing import Final

from quart import after_this_request, request
from quart.typing import ResponseTypes

from enertrack import log
from enertrack.stores import passwords, second_factors, users
from enertrack.stores.second_factors import Factor
from enertrack.stores.users import User
from enertrack.web import signed
from enertrack.web.auth import factor
from enertrack.web.auth.session import user as present_user
from enertrack.web.limiter import by_address
from enertrack.web.services import services

KNOWN_FOR_S: Final = 365 * 86_400
MAX_PASSWORD: Final = 1024
"""Longer than any that may be chosen: accounts of the original keep theirs."""
MAX_NAME: Final = 80
DEVICE: Final = "equipo-conocido"
NONCE_BYTES: Final = 8

_log = logging.getLogger(__name__)


class TooMany(Exception):
    """Somebody has guessed too often; whether this guess is right is not looked at."""


async def known(name: str, password: str) -> User | None:
    """The active user of that name and password, in the same time whether there is one or not. Raises TooMany."""
    name = name.strip()[:MAX_NAME]
    found = await users.user_by_name(services().engine, name)
    user = found if found and found.activo else None
    keys = _keys("cuenta", user) if user else (_address(), f"nombre:{_plain(name)}")
    _take(keys)
    right = len(password) <= MAX_PASSWORD and await passwords.verify(user.password_hash if user else None, password)
    if user is None or not right:
        log.event(_log, logging.WARNING, "ingreso rechazado", direccion=client())
        return None
    services().guesses.give_back(keys)
    if passwords.needs_rehash(user.password_hash):
        await users.set_password_hash(services().engine, user.id, await passwords.hash_password(password))
    return user


async def own(password: str) -> bool:
    """Whether it is the password of who has signed in. Raises TooMany."""
    return await known(present_user().nombre_usuario, password) is not None


async def second(user: User, code: str) -> bool:
    """Whether the code is one of that person's second factor, which is used up by that. Raises TooMany."""
    found = await second_factors.find(services().engine, user.id)
    keys = _keys("codigo", user, found)
    _take(keys)
    if found is None or not await factor.passes(user, found, code):
        log.event(_log, logging.WARNING, "ingreso rechazado", direccion=client())
        return False
    services().guesses.give_back(keys)
    return True


def remember(user: User, passed: Factor | None) -> None:
    """Have the browser hold the proof that the account's own person has used it, and which second factor they passed.

    For guesses at codes it counts for that one alone: else who had the password before there was one could have
    gathered many.
    """
    settings = services().settings
    proof = signed.sign(DEVICE, [user.id, secrets.token_hex(NONCE_BYTES), _mark(passed)])

    @after_this_request
    async def hand_over(answer: ResponseTypes) -> ResponseTypes:
        answer.set_cookie(
            _cookie(), proof, max_age=KNOWN_FOR_S, secure=settings.enertrack_proxy, httponly=True, samesite="Lax"
        )
        return answer


def client() -> str:
    """Who is counted as one: an address, or a network."""
    return by_address(request.remote_addr or "")


def _keys(kind: str, user: User, asked: Factor | None = None) -> tuple[str, str]:
    proof = signed.read(DEVICE, request.cookies.get(_cookie(), ""), KNOWN_FOR_S)
    if proof and proof[0] == user.id and (asked is None or proof[2] == _mark(asked)):
        return _address(), f"equipo-{kind}:{proof[1]}"
    return _address(), f"{kind}:{user.id}"


def _mark(passed: Factor | None) -> str:
    """What tells a second factor from a person's others."""
    return hashlib.sha256(passed.secreto.encode()).hexdigest() if passed else ""


def _take(keys: tuple[str, ...]) -> None:
    if not services().guesses.take(keys):
        log.event(_log, logging.WARNING, "demasiados intentos de ingreso", direccion=client())
        raise TooMany


def _address() -> str:
    return f"direccion:{client()}"


def _cookie() -> str:
    return "__Host-enertrack-equipo" if services().settings.enertrack_proxy else "enertrack_equipo"


def _plain(name: str) -> str:
    """As the tables compare names: case and accents make no other account."""
    parts = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))
