"""What could not be stored, kept for a person to look at: two files of bounded size, one JSON object a line."""

import json
import logging
import time
from io import FileIO
from pathlib import Path
from typing import Final

from enertrack.log import event
from enertrack.settings import SettingsError

MAX_BYTES: Final = 8_000_000
MAX_PAYLOAD: Final = 2_048

_log = logging.getLogger(__name__)


class DeadLetters:
    """The file ``rechazados.jsonl`` of a folder and, once that is full, the one before it.

    Raises SettingsError where the folder cannot be written.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = folder / "rechazados.jsonl"
        self.older = folder / "rechazados.1.jsonl"
        self._max_bytes = max_bytes
        self._failing = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._open()
        except OSError as e:
            message = f"ENERTRACK_DATOS: no se puede escribir en {folder} ({e.strerror}): corrija la ruta o su dueño"
            raise SettingsError([message]) from e

    def keep(self, reason: str, topic: str, payload: bytes) -> None:
        """Write one line; whatever came in is escaped, and cut after its first 2 kB.

        Where that fails, as on a full disk, the line is lost: readings must not wait for it.
        """
        line = json.dumps(
            {
                "momento": int(time.time()),
                "motivo": reason,
                "tema": topic[:MAX_PAYLOAD],
                "bytes": len(payload),
                "cuerpo": payload[:MAX_PAYLOAD].decode(errors="backslashreplace"),
            }
        )
        try:
            self._write(line.replace("\x7f", "\\u007f") + "\n")
        except OSError as e:
            if not self._failing:
                event(_log, logging.WARNING, "no se puede archivar lo rechazado", archivo=self.path, motivo=e.strerror)
            self._failing = True
        else:
            self._failing = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, line: str) -> None:
        self._file.write(line.encode())
        if self._file.tell() > self._max_bytes:
            self.path.replace(self.older)
            full, self._file = self._file, self._open()
            full.close()

    def _open(self) -> FileIO:
        return self.path.open("ab", buffering=0)
