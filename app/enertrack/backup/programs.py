"""Programs that do the work: restic, mariadb-dump and mariadb. Secrets reach them by files of their own only."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from enertrack.backup.failure import Failed
from enertrack.domain.text import text as _

KEPT: Final = ("PATH", "HOME", "TMPDIR", "RESTIC_CACHE_DIR")
"""All that a program sees of our environment."""
FULL: Final = _("no queda lugar en el disco: haga lugar (df -h) y vuelva a intentarlo")


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that nobody else can read, in memory where systemd gives one, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="enertrack-", dir=os.environ.get("RUNTIME_DIRECTORY")) as folder:
        yield Path(folder)


@contextmanager
def started(
    command: Sequence[str],
    *,
    stdin: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[tuple[IO[bytes], "Errors"]]:
    """What a program prints as it prints it, and what it complains of; it is killed where we give up. Raises Failed."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {"LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as complaints:
        try:
            child = subprocess.Popen(  # noqa: S603 - programs of our own choice, no shell
                command,
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=environment | dict(env or {}),
                cwd=cwd,
            )
        except FileNotFoundError:
            raise Failed(
                _("falta el programa %(program)s: instálelo (apt install restic mariadb-client)", program=command[0])
            ) from None
        with child:
            try:
                assert child.stdout is not None
                yield child.stdout, Errors(child, complaints)
            finally:
                child.kill()


class Errors:
    """How a program ended."""

    def __init__(self, child: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._child = child
        self._complaints = complaints

    def at_end(self) -> str | None:
        """Wait for its end; what it complained of, None where all went well."""
        if not self._child.wait():
            return None
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace").strip() or f"código {self._child.returncode}"


@contextmanager
def disk() -> Iterator[None]:
    """Work on files; raises Failed where there is no room or no right."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Failed(FULL) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise Failed(
                _(
                    "no se puede escribir ni leer %(file)s: revise de quién es (%(error)s)",
                    file=error.filename,
                    error=error.strerror,
                )
            ) from error
        raise
