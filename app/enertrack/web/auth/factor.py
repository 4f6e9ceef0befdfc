"""The second factor: codes of an authenticator, or one of ten kept for when it is lost."""

import base64
import logging
import secrets
from typing import Final

from quart import current_app

from enertrack import log
from enertrack.domain import totp
from enertrack.stores import second_factors
from enertrack.stores.sealing import Seal, Unreadable
from enertrack.stores.second_factors import Factor
from enertrack.stores.users import User
from enertrack.web import audit
from enertrack.web.services import services

CODES: Final = 10
CODE_BYTES: Final = 15
GROUP: Final = 6
"""Letters of a recovery code between two dashes."""

_log = logging.getLogger(__name__)


async def passes(user: User, factor: Factor, code: str) -> bool:
    """Whether a code is right; it is used up by that."""
    engine, plain = services().engine, _plain(code)
    if not plain.isdigit():
        return await second_factors.take_code(engine, user.id, plain, audit.present())
    try:
        secret = seal().opened(factor.secreto)
    except Unreadable:
        log.event(_log, logging.ERROR, "segundo factor ilegible: cambió FERNET_KEY o FLASK_SECRET_KEY", usuario=user.id)
        return False
    step = totp.step_of(secret, plain, services().now())
    return step is not None and await second_factors.take_step(engine, user.id, step)


def new_codes() -> list[str]:
    """Ten codes as they are shown."""
    return [_grouped(base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()) for _ in range(CODES)]


def kept(codes: list[str]) -> list[str]:
    """Those codes as they are compared."""
    return [_plain(code) for code in codes]


def seal() -> Seal:
    """What encrypts secrets here."""
    return Seal(services().settings.fernet_key, str(current_app.secret_key))


def _grouped(code: str) -> str:
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
