"""CSV: UTF-8 with its mark, commas, decimal points, local times with their distance from UTC."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import Final

from enertrack.web.export.columns import Rows

TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = "\ufeff"
END: Final = "\r\n"
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""What begins like one (in wide letters too), also after what a spreadsheet takes for a cell's end: ";" in Spanish."""


class Text:
    """A file in the making; each method answers with its next bytes."""

    def begin(self, columns: Sequence[str]) -> bytes:
        """The names of the columns."""
        return f"{MARK}{_cells(columns)}{END}".encode()

    def add(self, rows: Rows) -> bytes:
        """Rows."""
        meter = _cells([_safe(rows.meter), _safe(rows.board)])
        lines = zip(rows.moments, rows.seconds, rows.texts, strict=True)
        return "".join(f"{moment.isoformat()},{t},{meter},{numbers}{END}" for moment, t, numbers in lines).encode()

    def end(self) -> bytes:
        """Nothing more."""
        return b""


def _cells(texts: Sequence[str]) -> str:
    file = StringIO()
    csv.writer(file, lineterminator=END).writerow(texts)  # the end of a line counts among what needs quotes
    return file.getvalue().removesuffix(END)


def _safe(text: str) -> str:
    return _FORMULA.sub(r"\1'", text)  # else a spreadsheet would run it
