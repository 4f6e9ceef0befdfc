"""CSV: UTF-8 with its mark, commas, decimal points, local times with their distance from UTC."""

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from typing import Final

from enertrack.web.export.columns import Row, Value

TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = "\ufeff"
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""What begins like one (in wide letters too), also after what a spreadsheet takes for a cell's end: ";" in Spanish."""


class Text:
    """A file in the making; each method answers with its next bytes."""

    def begin(self, columns: Sequence[str]) -> bytes:
        """The names of the columns."""
        return (MARK + _lines([list(columns)])).encode()

    def add(self, rows: Sequence[Row]) -> bytes:
        """Rows."""
        return _lines([[_cell(v) for v in row] for row in rows]).encode()

    def end(self) -> bytes:
        """Nothing more."""
        return b""


def _lines(rows: Sequence[Sequence[Value]]) -> str:
    file = StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def _cell(value: Value) -> Value:
    if isinstance(value, str):
        return _FORMULA.sub(r"\1'", value)  # else a spreadsheet would run it
    return value.isoformat() if isinstance(value, datetime) else value
