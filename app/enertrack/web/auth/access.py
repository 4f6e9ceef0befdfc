"""Access tokens (JWT): who signed in to the API a short while ago, and in which session, which must still be there."""

from typing import Final

import jwt
import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from quart import current_app

from enertrack.web.services import services

LIFE_S: Final = 15 * 60
AUDIENCE: Final = "enertrack-api"
ALGORITHM: Final = "HS256"
PURPOSE: Final = b"enertrack: pases de la API"
KEY_BYTES: Final = 32


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says: the person, the id of their session, from when until when (Unix seconds), and for whom."""

    sub: str
    sid: str
    iat: int
    exp: int
    aud: str

    @property
    def user_id(self) -> int:
        """The person."""
        return int(self.sub)


def issued(user_id: int, session_id: str) -> tuple[str, int]:
    """A token, and the second at which it ends."""
    now = services().now()
    claims = Claims(sub=str(user_id), sid=session_id, iat=now, exp=now + LIFE_S, aud=AUDIENCE)
    return jwt.encode(msgspec.to_builtins(claims), _key(), ALGORITHM), claims.exp


def read(token: str) -> Claims | None:
    """What it says, None where it is none of ours or has ended."""
    # By the pages' clock and not PyJWT's: so the times are looked at here.
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        told = jwt.decode(token, _key(), algorithms=[ALGORITHM], audience=AUDIENCE, options=options)  # type: ignore[arg-type]
        claims = msgspec.convert(told, Claims)
    except (jwt.InvalidTokenError, msgspec.ValidationError):
        return None
    return claims if claims.iat <= services().now() < claims.exp and claims.sub.isdigit() else None


def _key() -> bytes:
    secret = str(current_app.secret_key).encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(secret)
