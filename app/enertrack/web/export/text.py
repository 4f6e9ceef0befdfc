"""CSV: UTF-8 with its mark, commas, decimal points, local times with their distance from UTC."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from enertrack.web.export.columns import Rows

TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Text:
    """A file in the making; each method answers with its next bytes."""

    def begin(self, columns: Sequence[str]) -> bytes:
        """The names of the columns."""
        return f"{MARK}{_cells(columns)}\r\n".encode()

    def add(self, rows: Rows) -> bytes:
        """Rows."""
        meter = _cells([_safe(rows.meter), _safe(rows.board)])
        lines = zip(rows.moments, rows.seconds, rows.texts, strict=True)
        return "".join(f"{moment.isoformat()},{t},{meter},{numbers}\r\n" for moment, t, numbers in lines).encode()

    def end(self) -> bytes:
        """Nothing more."""
        return b""


def _cells(texts: Sequence[str]) -> str:
    file = StringIO()
    csv.writer(file, lineterminator="").writerow(texts)
    return file.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text  # else a spreadsheet would run it
