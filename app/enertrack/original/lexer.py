r"""The words of an SQL file, one after the other, without understanding them.

Strings keep their bytes: in each character set that is accepted, ``'`` and ``\`` are never part of another letter.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from enertrack.original.files import CopyError

CHUNK: Final = 1 << 20
LONGEST: Final = 1 << 26
"""No more of the file is ever held: what mysqldump writes at once has 16 MB at most."""

_WORDS: Final = re.compile(
    rb"""
    (?P<space>[\s\0]++)
  | (?P<comment>--(?=[\s])[^\n]*+\n | \#[^\n]*+\n | /\*(?:[^*]++|\*(?!/))*+\*/)
  | (?P<text>(?:_[a-z0-9]+\s*)?(?:'(?:[^'\\]++|\\.|'')*+'|"(?:[^"\\]++|\\.|"")*+"))
  | (?P<name>`(?:[^`]++|``)*+`)
  | (?P<hex>0x[0-9A-Fa-f]++)
  | (?P<number>[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?)
  | (?P<word>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENS: Final = (b"'", b'"', b"`", b"/", b"#", b"-", b"\\")
"""A mark that may be the beginning of something longer."""
_ESCAPES: Final = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}


class Word(NamedTuple):
    """A piece of SQL: ``kind`` is comment, text, name, hex, number, word or mark."""

    kind: str
    raw: bytes

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for what is no word."""
        return self.raw.decode("ascii", "replace").upper() if self.kind == "word" else ""


def words(file: BinaryIO) -> Iterator[Word]:
    """The words of a file. Raises CopyError where one never ends."""
    buffer, at, ended = b"", 0, False
    while True:
        found = _WORDS.match(buffer, at)
        if (found is None or _may_go_on(found, buffer)) and not ended:
            more = file.read(max(CHUNK, len(buffer) - at))
            buffer, at, ended = buffer[at:] + more, 0, not more
            if len(buffer) > LONGEST + CHUNK:
                message = "la copia tiene una palabra de más de 64 MB: no es de mariadb-dump"
                raise CopyError(message)
            continue
        if found is None:
            return
        kind, at = str(found.lastgroup), found.end()
        if kind != "space":
            yield Word(kind, found[0])


def _may_go_on(found: re.Match[bytes], buffer: bytes) -> bool:
    """Whether what follows in the file may belong to this word."""
    return found.end() == len(buffer) or (found.lastgroup == "mark" and found[0] in _OPENS)


def unquoted(raw: bytes) -> bytes:
    """The bytes that a quoted text stands for."""
    start = min(i for q in b"'\"" if (i := raw.find(q)) >= 0)
    quote = raw[start : start + 1]
    return re.sub(rb"\\(.)|" + quote * 2, lambda m: _meant(m, quote), raw[start + 1 : -1], flags=re.DOTALL)


def _meant(found: re.Match[bytes], quote: bytes) -> bytes:
    letter = found[1]
    if letter is None:
        return quote
    return found[0] if letter in b"%_" else _ESCAPES.get(letter, letter)
