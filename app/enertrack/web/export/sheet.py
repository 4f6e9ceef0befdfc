"""XLSX, as a stream: cells are written once, rows in the order in which they come.

Made here and not by a library, which keeps a temporary file and takes several times as long
(docs/decisions/xlsx-is-written-here.md).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from enertrack.web.export.columns import Rows

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_048_576
"""Of one sheet; a longer table goes on in the next."""
EPOCH: Final = 25_569
"""1970-01-01 in days of a spreadsheet."""
DAY_S: Final = 86_400
FAST: Final = 1

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_HEAD: Final = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="1" width="20" customWidth="1"/><col min="2" max="40" width="16" customWidth="1"/></cols>'
    "<sheetData>"
)
_TAIL: Final = "</sheetData></worksheet>"


class _Sink:
    """Where the archive is written to, and taken from as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nor is anything open."""

    def take(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


class Sheet:
    """A file in the making; each method answers with its next bytes."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._sink = _Sink()
        self._archive = ZipFile(self._sink, "w", ZIP_DEFLATED, compresslevel=FAST)
        self._most = most_rows
        self._columns = ""
        self._sheets = 0
        self._room = 0

    def begin(self, columns: Sequence[str]) -> bytes:
        """The names of the columns, which every sheet begins with."""
        cells = "".join(f'<c s="1" t="inlineStr"><is><t>{_safe(name)}</t></is></c>' for name in columns)
        self._columns = f"<row>{cells}</row>"
        self._next_sheet()
        return self._sink.take()

    def add(self, rows: Rows) -> bytes:
        """Rows."""
        lines = _lines(rows)
        while lines:
            if not self._room:
                self._end_sheet()
                self._next_sheet()
            some, lines = lines[: self._room], lines[self._room :]
            self._part.write("".join(some).encode())
            self._room -= len(some)
        return self._sink.take()

    def end(self) -> bytes:
        """What the sheets are held together by."""
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        for name, text in _frame(numbers).items():
            self._archive.writestr(_entry(name), text)
        self._archive.close()
        return self._sink.take()

    def _next_sheet(self) -> None:
        self._sheets += 1
        self._part = self._archive.open(_entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w")
        self._part.write((_HEAD + self._columns).encode())
        self._room = self._most - 1

    def _end_sheet(self) -> None:
        self._part.write(_TAIL.encode())
        self._part.close()


def _entry(name: str) -> ZipInfo:
    """A file of the archive; all are of one time, so that the same table is the same file."""
    found = ZipInfo(name)
    found.compress_type = ZIP_DEFLATED
    return found


def _frame(numbers: range) -> dict[str, str]:
    override = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>' for n in numbers
    )
    sheets = "".join(f'<sheet name="Datos {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>{override}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="rId{numbers.stop}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }


def _lines(rows: Rows) -> list[str]:
    meter = _text(rows.meter) + _text(rows.board)
    return [
        f'<row><c s="2"><v>{_serial(moment, t)}</v></c><c><v>{t}</v></c>{meter}{_cells(numbers)}</row>'
        for moment, t, numbers in zip(rows.moments, rows.seconds, rows.texts, strict=True)
    ]


def _serial(moment: datetime, t: int) -> float:
    """What clocks show, in days of a spreadsheet, which knows no zones."""
    offset = moment.utcoffset()
    assert offset is not None
    return EPOCH + (t + offset.total_seconds()) / DAY_S


def _cells(numbers: str) -> str:
    written = numbers.replace(",", "</v></c><c><v>")
    return f"<c><v>{written}</v></c>".replace("<c><v></v></c>", "<c/>")


def _text(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{_safe(text)}</t></is></c>'


def _safe(text: str) -> str:
    """As XML, without what XML cannot hold."""
    return escape("".join(c for c in text if c >= " " or c in "\t\n"))
