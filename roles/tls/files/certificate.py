#!/usr/bin/env python3
"""Hands the public name's newest certificate to nginx and Mosquitto, and sees that they serve it.

Run by certbot after each renewal (and by its unit each time, so that what was left half done is mended). Prints "Sin
cambios" where all is as it should be. A certificate whose key does not fit is never installed; both files are in their
places before anything is reloaded; connections that exist go on.
"""

import hashlib
import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETTINGS = Path("/etc/enertrack/tls.json")
PAIR = ("fullchain.pem", "privkey.pem")
PATIENCE_S = 20


def main() -> int:
    """Install, reload, look; 1 with the reason where a service does not serve it."""
    settings = json.loads(SETTINGS.read_text())
    source = Path(settings["lineage"])
    if not (source / PAIR[0]).exists():
        print("Sin cambios: todavía no hay certificado de la autoridad")
        return 0
    try:
        check_pair(source)
    except ssl.SSLError as error:
        return fail(f"el certificado y la clave de {source} no se corresponden ({error.reason})")
    changed = [name for name, place in settings["places"].items() if install(source, place)]
    wanted = fingerprint((source / PAIR[0]).read_text())
    wrong = [name for name, place in settings["places"].items() if not take_up(name, place, wanted, settings["domain"])]
    if wrong:
        return fail(f"{', '.join(wrong)}: no sirve el certificado nuevo; vea `journalctl -u {wrong[0]}` y reinícielo")
    print(f"Certificado instalado: {', '.join(changed)}" if changed else "Sin cambios")
    return 0


def fail(reason: str) -> int:
    """Say it where systemd, certbot and a person read it."""
    print(f"enertrack: certificado: {reason}", file=sys.stderr)
    return 1


def check_pair(folder: Path) -> None:
    """Raise SSLError where the certificate's public key is not that of the private key."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(folder / PAIR[0], folder / PAIR[1])


def install(source: Path, place: dict[str, str]) -> bool:
    """Both files into their place, each whole at any time; whether they were others."""
    folder, owner = Path(place["folder"]), place["owner"]
    if not folder.is_dir():
        return False
    contents = [(source / name).read_bytes() for name in PAIR]
    if [read(folder / name) for name in PAIR] == contents:
        return False
    new = [put(folder, owner, content) for content in contents]
    for path, name in zip(new, PAIR, strict=True):
        path.rename(folder / name)
    return True


def read(path: Path) -> bytes:
    """A file's content, nothing where there is none."""
    return path.read_bytes() if path.exists() else b""


def put(folder: Path, owner: str, content: bytes) -> Path:
    """A new file, readable by its owner alone."""
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if any(user.pw_name == owner for user in pwd.getpwall()):
        shutil.chown(name, owner, owner)
    return Path(name)


def take_up(service: str, place: dict[str, str], wanted: str, domain: str) -> bool:
    """Whether ``service`` serves the certificate, after a reload where it did not; also where it does not run."""
    if subprocess.run(["/usr/bin/systemctl", "is-active", "--quiet", service], check=False).returncode:
        return True
    port, end = int(place["port"]), time.monotonic() + PATIENCE_S
    if served(port, domain) == wanted:
        return True
    subprocess.run(["/usr/bin/systemctl", "reload", service], check=False)
    while time.monotonic() < end:
        if served(port, domain) == wanted:
            return True
        time.sleep(0.2)
    return False


def served(port: int, domain: str) -> str:
    """Fingerprint of the certificate that is served on this host's ``port``; empty where there is none."""
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
            anybody.wrap_socket(plain, server_hostname=domain) as secure,
        ):
            return hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
    except OSError:
        return ""


def fingerprint(chain: str) -> str:
    """The same of a chain's first certificate."""
    end = "-----END CERTIFICATE-----"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(chain[: chain.index(end)] + end + "\n")).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
