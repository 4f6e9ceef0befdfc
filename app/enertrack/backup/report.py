"""What was done and how it ended, in the folder that ``doctor`` looks at; and that only one does it at a time."""

import fcntl
import logging
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import msgspec

from enertrack.backup.failure import Failed
from enertrack.backup.programs import disk
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.log import event

WELL: Final = "bien"
FAILED: Final = "falla"
_log: Final = logging.getLogger(__name__)


def now() -> str:
    """This moment, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def reported(folder: Path, name: str) -> Iterator[dict[str, object]]:
    """Work that fills in what it has done, in words as ``texto``; ``<name>.json`` tells it and how it ended."""
    done: dict[str, object] = {}
    start = time.monotonic()
    with disk():
        folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _end)
    try:
        with only_one(folder):
            yield done
    except BaseException as error:
        _write(folder, name, done | {"momento": now(), "resultado": FAILED, "texto": _why(error)})
        raise
    done["segundos"] = round(time.monotonic() - start, 1)
    _write(folder, name, done | {"momento": now(), "resultado": WELL})
    event(_log, logging.INFO, str(done["texto"]), segundos=done["segundos"])


def _why(error: BaseException) -> Text:
    if isinstance(error, Failed):
        return error.why
    return _("se interrumpió (%(kind)s: %(error)s)", kind=type(error).__name__, error=error)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def _write(folder: Path, name: str, content: dict[str, object]) -> None:
    new = folder / f".{name}.json"
    told = msgspec.json.encode(content | {"detalle": str(content["texto"])})
    new.write_bytes(msgspec.json.format(told, indent=1) + b"\n")
    new.chmod(0o644)  # doctor is another user
    new.replace(folder / f"{name}.json")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Wait until no other copy, trial or return is under way."""
    with disk(), (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def stage(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder that only we read, removed at the end, and first where an earlier run could not."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    with disk():
        os.mkdir(place, 0o700)  # noqa: PTH102 - with its mode from the start
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
