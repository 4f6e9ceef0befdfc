"""The repository of copies, kept by restic: encrypted, without repeating what has not changed."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from enertrack.backup.failure import Failed
from enertrack.backup.programs import started
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.settings import Settings

TAG: Final = "enertrack"
KEPT: Final = ("--keep-last", "3", "--keep-daily", "7", "--keep-weekly", "5", "--keep-monthly", "12")
ABSENT: Final = _("no hay ningún repositorio en esa dirección: revise ENERTRACK_RESPALDO_REPOSITORIO")
NO_ENTRY: Final = _("el servidor del repositorio no acepta la cuenta: revise ENERTRACK_RESPALDO_ENTORNO")
FULL: Final = _("no queda lugar en el repositorio: haga lugar o use otro disco")
MENDS: Final = {
    "wrong password": _(
        "la clave no abre el repositorio: use la de la instalación que lo hizo (archivo restic de su"
        " carpeta de secretos)"
    ),
    "no space left": FULL,
    "disk quota exceeded": FULL,
    "permission denied": _("no se puede leer o escribir el repositorio: revise de quién es la carpeta"),
    "access denied": NO_ENTRY,
    "unauthorized": NO_ENTRY,
    "already locked": _("otra orden está usando el repositorio: espere a que termine"),
    "config or key": _("el repositorio está dañado o no es de restic: use otra carpeta o recupere esa de otra copia"),
    "no such host": _("no se llega al repositorio: revise ENERTRACK_RESPALDO_REPOSITORIO y la red"),
    "connection refused": _("no se llega al repositorio: revise que su servidor esté en marcha"),
    "is there a repository": ABSENT,  # the last, as restic asks so whatever has happened
}


class Repository:
    """Where the copies are."""

    def __init__(self, settings: Settings, private: Path) -> None:
        """``private`` is where restic finds the password. Raises Failed."""
        if not settings.enertrack_respaldo_repositorio or not settings.enertrack_respaldo_clave:
            raise Failed(
                _("falta ENERTRACK_RESPALDO_REPOSITORIO o ENERTRACK_RESPALDO_CLAVE: defina dónde se guardan las copias")
            )
        self.address = settings.enertrack_respaldo_repositorio
        password = private / "restic"
        password.touch(mode=0o600)
        password.write_text(settings.enertrack_respaldo_clave.get_secret_value(), encoding="utf-8")
        variables = _variables(settings)
        place = private / "repositorio"
        place.touch(mode=0o600)
        place.write_text(_with_account(self.address, variables), encoding="utf-8")
        self._env = variables | {"RESTIC_REPOSITORY_FILE": str(place), "RESTIC_PASSWORD_FILE": str(password)}

    def prepare(self) -> bool:
        """Have a repository; whether it was made now, as there was none. Raises Failed."""
        folder = Path(self.address)
        if folder.is_absolute() and folder.is_dir() and (owner := folder.stat().st_uid) != os.geteuid():
            raise Failed(
                _(
                    "%(folder)s es de otro usuario (%(owner)s): ejecute systemctl start enertrack-backup.service",
                    folder=folder,
                    owner=owner,
                )
            )
        if folder.is_absolute():
            is_new = not folder.is_dir() or not any(folder.iterdir())
        else:
            complaint = self._try("cat", "config")
            is_new = complaint is not None and _mend(complaint) == ABSENT
        if is_new:
            self._run("init")
        else:
            self._run("unlock")  # what a killed run has left; a living one keeps its own
        return is_new

    def save(self, folder: Path) -> str:
        """Put a folder's contents away; the id of the snapshot. Raises Failed."""
        told = self._run("backup", "--json", "--tag", TAG, ".", cwd=folder)
        for line in reversed(told.splitlines()):
            if (said := json.loads(line)).get("message_type") == "summary":
                return str(said["snapshot_id"])[:8]
        raise Failed(_("restic no dijo qué copia hizo: mire el registro (journalctl -u enertrack-backup)"))

    def forget(self) -> None:
        """Let go of old copies. Raises Failed."""
        self._run("forget", "--tag", TAG, "--group-by", "tags", *KEPT, "--prune", "--quiet")

    def check(self) -> None:
        """Look whether the repository is whole. Raises Failed."""
        if (complaint := self._try("check", "--quiet")) is not None:
            damaged = _(
                "el repositorio está dañado: no borre nada, y haga la copia en otro repositorio (%(error)s)",
                error=_last(complaint),
            )
            raise Failed(_mend(complaint) or damaged)

    def find(self, wanted: str) -> str:
        """The id of a snapshot, or of the newest (``latest``). Raises Failed."""
        snapshots: list[dict[str, Any]] = json.loads(self._run("snapshots", "--json", "--no-lock", "--tag", TAG))
        found = [s for s in snapshots if wanted == "latest" or s["id"].startswith(wanted)]
        if not found:
            if not snapshots:
                raise Failed(_("en %(address)s no hay ninguna copia", address=self.address))
            raise Failed(_("en %(address)s no hay una copia %(wanted)s", address=self.address, wanted=ascii(wanted)))
        return str(max(found, key=lambda s: s["time"])["id"])[:8]

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Bring a snapshot into a folder. Raises Failed."""
        self._run("restore", snapshot, "--no-lock", "--target", str(folder))

    def _run(self, *arguments: str, cwd: Path | None = None) -> str:
        with started(["restic", *arguments], env=self._env, cwd=cwd) as (output, errors):
            answer = output.read().decode()
            if (complaint := errors.at_end()) is not None:
                raise Failed(_mend(complaint) or _("restic no pudo: %(error)s", error=_last(complaint)))
        return answer

    def _try(self, *arguments: str) -> str | None:
        with started(["restic", *arguments], env=self._env) as (output, errors):
            told = output.read().decode()
            complaint = errors.at_end()
            return None if complaint is None else f"{told}\n{complaint}"


def _mend(complaint: str) -> Text | None:
    text = complaint.lower()
    return next((mend for said, mend in MENDS.items() if said in text), None)


def _last(text: str) -> str:
    return text.strip().splitlines()[-1][:300]


def _with_account(address: str, variables: dict[str, str]) -> str:
    # Only newer versions of restic take it from the environment.
    user, password = (quote(variables.get(f"RESTIC_REST_{name}", ""), safe="") for name in ("USERNAME", "PASSWORD"))
    return re.sub("^(rest:https?://)", rf"\g<1>{user}:{password}@", address) if user else address


def _variables(settings: Settings) -> dict[str, str]:
    text = settings.enertrack_respaldo_entorno
    return dict(_pairs(text.get_secret_value() if text else ""))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith("#"):
            yield name.strip(), value.strip().strip("\"'")
