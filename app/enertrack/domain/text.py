"""Texts for people that whoever shows them may say in another language."""

from collections.abc import Callable, Sequence
from functools import reduce

import msgspec


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message in Spanish with ``%(name)s`` for its values; one that is a text too is said in the same language."""

    mensaje: str
    valores: dict[str, "str | Text"] = {}

    def said(self, translated: Callable[[str], str] = str) -> str:
        """The whole, each message ``translated``; in Spanish where nothing translates."""
        values = {name: v.said(translated) if isinstance(v, Text) else v for name, v in self.valores.items()}
        return translated(self.mensaje) % values

    def __str__(self) -> str:
        return self.said()


def text(message: str, /, **values: object) -> Text:
    """``message`` with its values; import it as ``_``, by which the catalogues find the message."""
    return Text(message, {name: v if isinstance(v, Text) else str(v) for name, v in values.items()})


def listed(texts: Sequence[Text]) -> Text:
    """One text of several, at least one."""
    return reduce(lambda one, other: Text("%(one)s; %(other)s", {"one": one, "other": other}), texts)


def reason(error: Exception) -> Text | str:
    """What an exception tells, which is the text that it was made of, if it was."""
    told = error.args[0] if error.args else ""
    return told if isinstance(told, Text) else str(error)
