"""The broker's accounts: the file of Mosquitto's dynamic security."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from enertrack.backup.failure import Failed
from enertrack.backup.programs import disk
from enertrack.domain.text import text as _

NAME: Final = "dynamic-security.json"
OWN: Final = "enertrack-"
"""What the accounts of EnerTrack's own processes begin with: an installation keeps its own."""
RESTART: Final = ("/usr/bin/systemctl", "try-restart", "mosquitto.service")


def copy(source: Path, target: Path) -> None:
    """Copy the accounts. Raises Failed."""
    try:
        with disk():
            shutil.copyfile(source, target)
        json.loads(target.read_bytes())
    except FileNotFoundError:
        raise Failed(
            _(
                "no está %(file)s, las cuentas del broker: revise ENERTRACK_RESPALDO_BROKER y que Mosquitto ande",
                file=source,
            )
        ) from None
    except ValueError as error:
        raise Failed(_("%(file)s no es lo que Mosquitto escribe: mire su registro", file=source)) from error


def place(copied: Path, target: Path) -> None:
    """Put the accounts of a copy where the broker reads them, beside the processes' present ones. Raises Failed."""
    with disk():
        present = json.loads(target.read_bytes()) if target.exists() else {}
        text = json.dumps(merged(json.loads(copied.read_bytes()), present), indent="\t")
        owner = (target if target.exists() else target.parent).stat()
        new = target.with_suffix(".recuperado")
        new.touch(mode=0o600)
        new.write_text(text)
        os.chown(new, owner.st_uid, owner.st_gid)
        new.replace(target)


def merged(copied: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """The copy, but for the own accounts of this installation, whose passwords the processes have, and their roles."""
    own = [client for client in present.get("clients", []) if client["username"].startswith(OWN)]
    named = {role["rolename"] for client in own for role in client.get("roles", [])}
    roles = [role for role in present.get("roles", []) if role["rolename"] in named]
    return copied | {
        "clients": _with(own, copied.get("clients", []), "username"),
        "roles": _with(roles, copied.get("roles", []), "rolename"),
    }


def _with(own: list[Any], copied: list[Any], name: str) -> list[Any]:
    kept = {entry[name] for entry in own}
    return [*own, *(entry for entry in copied if entry[name] not in kept)]


def restart_broker() -> None:
    """Have Mosquitto read its accounts anew, where systemd runs one here. Raises Failed."""
    if not Path("/run/systemd/system").is_dir():
        return
    done = subprocess.run(RESTART, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        raise Failed(
            _("Mosquitto no volvió a arrancar: mire journalctl -u mosquitto (%(error)s)", error=done.stderr.strip())
        )
