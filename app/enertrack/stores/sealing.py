"""Secrets that must be read again are kept encrypted, by a key that is not in the tables."""

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

PURPOSE: Final = b"enertrack: secretos guardados"
KEY_BYTES: Final = 32


class Unreadable(Exception):
    """It was encrypted by a key that is configured no more, or is none of ours."""


class Seal:
    """Encrypts by FERNET_KEY where it is set, else by a key derived from the cookies'; reads what either encrypted."""

    def __init__(self, fernet_key: SecretStr | None, secret_key: str) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(secret_key.encode())
        keys = [base64.urlsafe_b64encode(derived).decode()]
        if fernet_key is not None:
            keys.insert(0, fernet_key.get_secret_value())
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def closed(self, text: str) -> str:
        """What may be kept."""
        return self._fernet.encrypt(text.encode()).decode()

    def opened(self, kept: str) -> str:
        """The text again. Raises Unreadable."""
        try:
            return self._fernet.decrypt(kept.encode()).decode()
        except InvalidToken as error:
            raise Unreadable from error
