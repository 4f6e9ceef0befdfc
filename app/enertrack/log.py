"""Log lines: one an event, ``mensaje clave=valor``, with every byte of outside origin escaped."""

import logging
import os
import re
import sys
import time
from typing import Any

MAX_VALUE = 500
LEVELS = {logging.WARNING: "AVISO", logging.CRITICAL: "CRÍTICO"}
PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
NOISY = ("amqtt", "transitions")

_BARE = re.compile(r"[A-Za-z0-9_.:/@+-]+")


def escaped(text: str) -> str:
    r"""``text`` with backslashes and all that does not print as ``\\``, ``\n``, ``\x1b``, ``\u202e``."""
    return "".join(c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text)


def _value(value: object) -> str:
    text = value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
    text = text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"
    return text if _BARE.fullmatch(text) else '"' + escaped(text).replace('"', '\\"') + '"'


class Formatter(logging.Formatter):
    """Renders an event as one line; under journald with its priority in place of the time."""

    def __init__(self, process: str, *, journald: bool) -> None:
        super().__init__()
        self.process = process
        self.journald = journald

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields: dict[str, Any] = getattr(record, "datos", {})
        parts = [self._head(record), escaped(record.getMessage()), *(f"{k}={_value(v)}" for k, v in fields.items())]
        if record.exc_info:
            parts.append('traza="' + escaped(self.formatException(record.exc_info)).replace('"', '\\"') + '"')
        return " ".join(parts)

    def _head(self, record: logging.LogRecord) -> str:
        if self.journald:
            return f"<{next((p for level, p in PRIORITIES if record.levelno >= level), 7)}>{self.process}:"
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return f"{moment} {LEVELS.get(record.levelno, record.levelname)} {self.process}:"


def _to_journal() -> bool:
    """Whether standard error is journald's own socket (systemd.exec(5), $JOURNAL_STREAM)."""
    status = os.fstat(2)
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def setup(process: str) -> None:
    """Write this process's events to standard error: EnerTrack's from INFO, the libraries' from WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(process, journald=_to_journal()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("enertrack").setLevel(logging.INFO)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


def event(log: logging.Logger, level: int, message: str, **fields: object) -> None:
    """Log ``message`` (Spanish) with its fields."""
    log.log(level, message, extra={"datos": fields}, stacklevel=2)
