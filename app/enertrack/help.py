"""The help of the commands in Spanish: the library writes these few words in English."""

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

WORDS = {
    r"^Usage:": "Uso:",
    r"^Options:": "Opciones:",
    r"^Arguments:": "Argumentos:",
    r"^Commands:": "Órdenes:",
    r"\[OPTIONS\]": "[OPCIONES]",
    r"COMMAND \[ARGS\]\.\.\.": "ORDEN [ARGUMENTOS]...",
    r"Show this message and exit\.": "Muestra esta ayuda y termina.",
    r"\[default:": "[por defecto:",
    r"\[required\]": "[obligatorio]",
}


def spanish(text: str) -> str:
    """A page of help with the library's words in Spanish."""
    for english, word in WORDS.items():
        text = re.sub(english, word, text, flags=re.MULTILINE)
    return text


class Command(TyperCommand):
    """A command whose help is in Spanish."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - the library keeps its type to itself
        """The page of help."""
        return spanish(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is in Spanish."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - the library keeps its type to itself
        """The page of help."""
        return spanish(super().get_help(ctx))
