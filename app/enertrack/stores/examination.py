"""The newest examination of this host, kept in a file by the doctor's timer for the pages to show."""

from pathlib import Path
from typing import Final

import msgspec

from enertrack.domain.examination import Examination

FILE: Final = Path("/var/lib/enertrack-doctor/doctor.json")


def encoded(examination: Examination) -> str:
    """It in JSON, one line."""
    return msgspec.json.encode(examination).decode() + "\n"


def keep(file: Path, examination: Examination) -> None:
    """Put it in place of the one before: whoever reads sees a whole one. Raises OSError."""
    new = file.with_name(f".{file.name}.nuevo")
    new.write_text(encoded(examination), encoding="utf-8")
    new.chmod(0o644)  # the pages' process is another user
    new.replace(file)


def kept(file: Path = FILE) -> Examination | None:
    """The one that is there; None where there is none, or what is there cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Examination)
    except (OSError, msgspec.DecodeError):
        return None
