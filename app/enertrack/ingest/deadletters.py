"""What could not be stored, kept for a person to look at: two files of bounded size, one JSON object a line."""

import json
import time
from pathlib import Path
from typing import Final, TextIO

MAX_BYTES: Final = 8_000_000
MAX_PAYLOAD: Final = 2_048


class DeadLetters:
    """The file ``rechazados.jsonl`` of a folder and, once that is full, the one before it."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "rechazados.jsonl"
        self.older = folder / "rechazados.1.jsonl"
        self._max_bytes = max_bytes
        self._file = self._open()

    def keep(self, reason: str, topic: str, payload: bytes) -> None:
        """Write one line; whatever came in is escaped, and cut after its first 2 kB."""
        line = json.dumps(
            {
                "momento": int(time.time()),
                "motivo": reason,
                "tema": topic[:MAX_PAYLOAD],
                "bytes": len(payload),
                "cuerpo": payload[:MAX_PAYLOAD].decode(errors="backslashreplace"),
            }
        )
        self._file.write(line.replace("\x7f", "\\u007f") + "\n")
        if self._file.tell() > self._max_bytes:
            self._rotate()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self.path.replace(self.older)
        self._file = self._open()

    def _open(self) -> TextIO:
        return self.path.open("a", buffering=1, encoding="ascii")
