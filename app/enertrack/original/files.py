"""The copies that are read: plain or gzip, whatever their names say, a piece at a time."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

GZIP: Final = b"\x1f\x8b"
_DAMAGED: Final = (EOFError, gzip.BadGzipFile, zlib.error)


class CopyError(Exception):
    """A copy cannot be read; says what to do, in Spanish."""


@contextmanager
def reading(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """The text of a copy, and how much of its file has been read. Raises CopyError."""
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            if packed:
                with io.BufferedReader(gzip.GzipFile(fileobj=file)) as text:
                    yield text, file.tell
            else:
                yield file, file.tell
    except _DAMAGED as error:
        message = f"{path}: está cortado o dañado: vuelva a copiarlo"
        raise CopyError(message) from error
    except OSError as error:
        message = f"{path}: no se puede leer ({error.strerror})"
        raise CopyError(message) from error
