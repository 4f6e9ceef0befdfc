"""The four tables of the original in a copy by mariadb-dump, mysqldump or phpMyAdmin.

Nothing of the copy is run: of its statements only CREATE TABLE and INSERT of these tables are read, and in these only
names and plain values. So whatever else stands in it can do nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from enertrack.original.files import CopyError, reading
from enertrack.original.lexer import Word, unquoted, words

Row: TypeAlias = dict[str, str | None]

TABLES: Final = {name.casefold(): name for name in ("Usuarios", "Nodos", "UsuariosNodos", "UmbralesNodo")}
MOST_ROWS: Final = 100_000
CHARSETS: Final = {"UTF8MB4": "utf-8", "UTF8MB3": "utf-8", "UTF8": "utf-8", "LATIN1": "cp1252", "ASCII": "ascii"}
USUAL: Final = frozenset({"", "SET", "LOCK", "UNLOCK", "ALTER", "COMMIT", "START", "BEGIN", "DROP TABLE"})
"""What stands in every copy and needs no word."""
_NOT_COLUMNS: Final = frozenset(
    {"PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL", "PERIOD"}
)
_SET_NAMES: Final = re.compile(rb"SET\s+NAMES\s+'?(\w+)", re.IGNORECASE)


class Dump(msgspec.Struct):
    """Rows by table, columns in small letters; ``ignored`` counts the statements that were passed over."""

    tables: dict[str, list[Row]] = {}
    ignored: Counter[str] = msgspec.field(default_factory=Counter)


def read(path: Path) -> Dump:
    """The tables of a copy. Raises CopyError."""
    with reading(path) as (file, _):
        return _Reader(words(file)).read()


class _Reader:
    def __init__(self, found: Iterator[Word]) -> None:
        self._found = found
        self._charset = "utf-8"
        self._columns: dict[str, list[str]] = {}
        self._dump = Dump()

    def read(self) -> Dump:
        while (word := self._next()) is not None:
            self._statement(word)
        return self._dump

    def _next(self) -> Word | None:
        for word in self._found:
            if word.kind != "comment":
                return word
            if names := _SET_NAMES.search(word.raw):
                self._speaks(names[1])
        return None

    def _speaks(self, charset: bytes) -> None:
        name = charset.decode("ascii", "replace").upper()
        if name not in CHARSETS:
            message = f"la copia está en {name}: hágala con --default-character-set=utf8mb4"
            raise CopyError(message)
        self._charset = CHARSETS[name]

    def _need(self) -> Word:
        word = self._next()
        if word is None:
            message = "la copia está cortada: vuelva a hacerla"
            raise CopyError(message)
        return word

    def _statement(self, first: Word) -> None:
        if first.keyword == "DELIMITER":
            self._skip_routines()
            return
        if first.keyword not in {"CREATE", "INSERT", "REPLACE", "DROP", "SET"}:
            self._pass_over(first.keyword, first)
            return
        kind = self._need()
        while kind.keyword in {"INTO", "IGNORE", "OR", "REPLACE", "TEMPORARY", "LOW_PRIORITY", "DELAYED"}:
            kind = self._need()
        if first.keyword == "SET" and kind.keyword == "NAMES":
            self._speaks(self._need().raw.strip(b"'\""))
            self._skip(kind)
        elif first.keyword == "CREATE" and kind.keyword == "TABLE":
            self._create()
        elif first.keyword in {"INSERT", "REPLACE"}:
            self._insert(kind)
        else:
            self._pass_over(f"{first.keyword} {kind.keyword}".strip() if first.keyword != "SET" else "SET", kind)

    def _pass_over(self, what: str, last: Word) -> None:
        if what not in USUAL:
            self._dump.ignored[what] += 1
        self._skip(last)

    def _skip(self, last: Word) -> None:
        """To the end of the statement; a copy may end without one."""
        word: Word | None = last
        while word and word.raw != b";":
            word = self._next()

    def _skip_routines(self) -> None:
        """To where the client's delimiter is ``;`` again: between are triggers and routines."""
        before = ""
        while (word := self._next()) and not (before == "DELIMITER" and word.raw == b";"):
            before = word.keyword
        self._dump.ignored["DELIMITER"] += 1

    def _table(self, word: Word) -> tuple[str | None, Word]:
        """Which of our tables a name means, and the word after it."""
        while word.keyword in {"IF", "NOT", "EXISTS"}:
            word = self._need()
        name, word = self._name(word), self._need()
        while word.raw == b".":
            name, word = self._name(self._need()), self._need()
        return TABLES.get(name.casefold()), word

    def _name(self, word: Word) -> str:
        if word.kind not in {"name", "word", "text"}:
            raise _unreadable(word)
        raw = word.raw[1:-1].replace(b"``", b"`") if word.kind == "name" else word.raw.strip(b'"')
        return raw.decode(self._charset, "replace")

    def _create(self) -> None:
        table, word = self._table(self._need())
        if table is None:
            self._skip(word)
            return
        if table in self._columns:
            message = f"la copia tiene dos tablas {table}: hágala solo de la base de datos de EnerTrack"
            raise CopyError(message)
        if word.raw != b"(":
            raise _unreadable(word)
        self._columns[table] = list(self._column_names())
        self._dump.tables.setdefault(table, [])
        self._skip(word)

    def _column_names(self) -> Iterator[str]:
        depth, begins = 1, True
        while depth:
            word = self._need()
            if begins and word.keyword not in _NOT_COLUMNS and word.raw != b")":
                yield self._name(word).casefold()
            begins = depth == 1 and word.raw == b","
            depth += {b"(": 1, b")": -1}.get(word.raw, 0)

    def _insert(self, word: Word) -> None:
        table, word = self._table(word)
        if table is None:
            self._skip(word)
            return
        columns = self._columns.get(table, [])
        if word.raw == b"(":
            columns = list(self._column_names())
            word = self._need()
        if word.keyword not in {"VALUES", "VALUE"} or not columns:
            raise _unreadable(word)
        rows = self._dump.tables.setdefault(table, [])
        while word.raw != b";":
            rows.append(self._row(table, columns))
            if len(rows) > MOST_ROWS:
                message = f"la copia tiene más de {MOST_ROWS} filas en {table}: no es de un EnerTrack original"
                raise CopyError(message)
            word = self._need()
            if word.raw not in {b",", b";"}:
                raise _unreadable(word)

    def _row(self, table: str, columns: list[str]) -> Row:
        if (word := self._need()).raw != b"(":
            raise _unreadable(word)
        values = []
        while word.raw != b")":
            values.append(self._value(self._need()))
            if (word := self._need()).raw not in {b",", b")"}:
                raise _unreadable(word)
        if len(values) != len(columns):
            message = f"la copia tiene en {table} una fila de {len(values)} valores para {len(columns)} columnas"
            raise CopyError(message)
        return dict(zip(columns, values, strict=True))

    def _value(self, word: Word) -> str | None:
        if word.keyword == "NULL":
            return None
        if word.kind == "number":
            return word.raw.decode()
        if word.kind not in {"text", "hex"}:
            raise _unreadable(word)
        raw = unquoted(word.raw) if word.kind == "text" else bytes.fromhex(word.raw[2:].decode())
        try:
            return raw.decode(self._charset)
        except UnicodeDecodeError as error:
            message = f"la copia no está en {self._charset} ({raw[:40]!a}): hágala con --default-character-set=utf8mb4"
            raise CopyError(message) from error


def _unreadable(word: Word) -> CopyError:
    return CopyError(f"la copia no es de mariadb-dump: donde debía haber un nombre o un valor dice {word.raw[:40]!a}")
