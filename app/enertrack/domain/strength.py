"""How hard a password is to guess."""

from collections.abc import Collection
from enum import Enum, auto
from typing import Final

SHORTEST: Final = 8
LONGEST: Final = 128
WANTED: Final = 3
"""zxcvbn's score from 0 to 4; 3 is more than 10^8 guesses."""
JUDGED: Final = 20
"""Characters that zxcvbn looks at: it takes seconds for a long run of symbols that could stand for letters."""
OURS: Final = ("enertrack", "contraseña", "contrasena", "medidor", "energía", "energia", "electricidad")
PERSONAL_LENGTH: Final = 3
"""What is personal and shorter is in too many words."""


class Weakness(Enum):
    """Why a password is not taken."""

    SHORT = auto()
    LONG = auto()
    PERSONAL = auto()
    COMMON = auto()
    NAME = auto()
    KEYBOARD = auto()
    REPEATED = auto()
    SEQUENCE = auto()
    DATE = auto()
    GUESSABLE = auto()


_PATTERNS: Final = {
    "spatial": Weakness.KEYBOARD,
    "repeat": Weakness.REPEATED,
    "sequence": Weakness.SEQUENCE,
    "regex": Weakness.DATE,
    "date": Weakness.DATE,
}
_DICTIONARIES: Final = {
    "passwords": Weakness.COMMON,
    "surnames": Weakness.NAME,
    "male_names": Weakness.NAME,
    "female_names": Weakness.NAME,
}


def weakness(password: str, personal: Collection[str]) -> Weakness | None:
    """What is wrong with a password of whom ``personal`` names (name, mail); None where it is good enough."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    words = [word for text in personal for word in (text, text.partition("@")[0]) if len(word) >= PERSONAL_LENGTH]
    if any(word.casefold() in password.casefold() for word in words):
        return Weakness.PERSONAL
    return _guessed(password[:JUDGED], [*words, *OURS])


def _guessed(password: str, words: list[str]) -> Weakness | None:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 15 MB of whoever imports it

    found = zxcvbn(password, user_inputs=words)
    if found["score"] >= WANTED:
        return None
    longest = max(found["sequence"], key=lambda match: len(match["token"]))
    if longest["pattern"] == "dictionary":
        return _DICTIONARIES.get(longest["dictionary_name"], Weakness.GUESSABLE)
    return _PATTERNS.get(longest["pattern"], Weakness.GUESSABLE)
