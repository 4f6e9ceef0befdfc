"""Passwords as Werkzeug writes them, so that accounts of the original keep theirs.

``scrypt:32768:8:3`` is one of the settings that OWASP's password storage cheat sheet names as equal; the original's
accounts have ``scrypt:32768:8:1`` until their next sign-in.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from werkzeug.security import check_password_hash, generate_password_hash

METHOD: Final = "scrypt:32768:8:3"
_ORIGINAL: Final = "scrypt:32768:8:1$"
_DUMMY: Final = f"{METHOD}${secrets.token_hex(8)}${secrets.token_hex(64)}"
"""Of the form of a hash, drawn rather than worked out: to check it costs the same, and no password is known for it."""
_REST: Final = f"scrypt:32768:8:2${secrets.token_hex(8)}${secrets.token_hex(64)}"
"""What a check of the original's form is short of ours, so that its time tells nobody who has an account."""

_WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="contraseña")
"""Each check takes 32 MB and most of a core's tenth of a second: two at once, the rest wait."""


async def hash_password(password: str) -> str:
    """A salted hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_WORKERS, generate_password_hash, password, METHOD)


async def verify(password_hash: str | None, password: str) -> bool:
    """Whether it is the password of that hash; without one (nobody of that name) the same work for a no."""
    return await asyncio.get_running_loop().run_in_executor(_WORKERS, _check, password_hash, password)


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash should be replaced, now that its password is at hand."""
    return not password_hash.startswith(METHOD + "$")


def _check(password_hash: str | None, password: str) -> bool:
    try:
        right = check_password_hash(password_hash or _DUMMY, password)
    except ValueError:  # a form that Werkzeug does not know is nobody's password
        return False
    if password_hash is not None and password_hash.startswith(_ORIGINAL):
        check_password_hash(_REST, password)
    return right and password_hash is not None
