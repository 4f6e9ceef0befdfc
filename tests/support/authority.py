"""A private authority and the certificates that it signs, made with openssl as the appliance makes them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONFIG: Final = Path(__file__).parents[2] / "roles/tls/files/authority.cnf"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, in PEM."""

    certificate: Path
    key: Path


class Authority:
    """An authority of its own in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pair = Certificate(folder / "ca.pem", folder / "ca.key")
        folder.mkdir(parents=True, exist_ok=True)
        self._make(self._pair, "/CN=EnerTrack de prueba", "-extensions", "authority")

    @property
    def certificate(self) -> Path:
        """What whoever trusts it is given."""
        return self._pair.certificate

    def issue(self, name: str) -> Certificate:
        """A server's certificate for an address, as ``IP:127.0.0.1`` or ``DNS:localhost``."""
        pair = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        signed_by = ("-CA", self._pair.certificate, "-CAkey", self._pair.key)
        self._make(pair, "/CN=prueba", "-extensions", "server", "-addext", f"subjectAltName={name}", *signed_by)
        return pair

    @staticmethod
    def _make(pair: Certificate, subject: str, *more: str | Path) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pair.key)
        command = ("openssl", "req", "-x509", "-config", CONFIG, *key, "-out", pair.certificate, "-subj", subject)
        subprocess.run([*command, "-days", "2", *more], check=True, capture_output=True)
