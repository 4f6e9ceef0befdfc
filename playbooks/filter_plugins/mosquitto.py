"""What Mosquitto's dynamic security keeps of a password: PBKDF2 with SHA-512, as its own tools write it."""

import base64
import hashlib
import os
from collections.abc import Callable
from typing import Any, Final

SALT_BYTES: Final = 12
ITERATIONS: Final = 20_000


def mosquitto_password(password: str) -> dict[str, Any]:
    """The members ``password``, ``salt`` and ``iterations`` of a client, with a new salt."""
    salt = os.urandom(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    kept = {"password": base64.b64encode(digest).decode(), "salt": base64.b64encode(salt).decode()}
    return kept | {"iterations": ITERATIONS}


class FilterModule:
    """The filters of this file, as Ansible asks for them."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Each filter by its name."""
        return {"mosquitto_password": mosquitto_password}
