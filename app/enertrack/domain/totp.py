"""Codes of an authenticator (RFC 6238): six digits, another each 30 seconds."""

import hmac
from typing import Final

import pyotp

STEP_S: Final = 30
DRIFT: Final = 1
"""Steps by which the authenticator's clock may differ."""


def new_secret() -> str:
    """A secret to share with an authenticator: 160 bits in base32."""
    return pyotp.random_base32()


def provisioning(secret: str, account: str, issuer: str = "EnerTrack") -> str:
    """The address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, now: int) -> int | None:
    """The step of time whose code that is, if it is near ``now`` (Unix seconds)."""
    present = now // STEP_S
    found = [step for step in range(present - DRIFT, present + DRIFT + 1) if _same(code_at(secret, step), code)]
    return found[-1] if found else None


def code_at(secret: str, step: int) -> str:
    """The code of a step of time."""
    return str(pyotp.TOTP(secret).generate_otp(step))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))
