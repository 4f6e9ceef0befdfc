"""Secrets that a person or a browser brings: drawn at random, handed over once, kept as SHA-256 alone."""

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32


def drawn() -> str:
    """A new one, 43 letters that an address may hold."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hashed(token: str) -> str:
    """What is kept of it. It needs no salt and no slow hash: nobody guesses 256 bits."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
