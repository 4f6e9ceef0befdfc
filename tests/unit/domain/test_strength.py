"""How hard a password is to guess."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enertrack.domain.strength import LONGEST, SHORTEST, Weakness, weakness


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("", Weakness.SHORT),
        ("siete77", Weakness.SHORT),
        ("x" * 129, Weakness.LONG),
        ("password1", Weakness.COMMON),
        ("qwertyuiop", Weakness.COMMON),
        ("rtyuiopjhgf", Weakness.KEYBOARD),
        ("martina1990", Weakness.NAME),
        ("12/03/1984", Weakness.DATE),
        ("abcdefghij", Weakness.SEQUENCE),
        ("ñññññññññññ", Weakness.REPEATED),
        ("contraseña", Weakness.GUESSABLE),
        ("enertrack1", Weakness.GUESSABLE),
        ("soy josefina y qué", Weakness.PERSONAL),
        ("JOSEFINA-JOSEFINA", Weakness.PERSONAL),
        ("clave de casa@ejemplo.example", Weakness.PERSONAL),
        ("siete tordos al alba", None),
        ("q7$Kz9w!m", None),
        ("日本語のパスワード", None),
    ],
)
def test_each_is_told_what_is_wrong_with_it(password: str, found: Weakness | None) -> None:
    assert weakness(password, ["josefina", "casa@ejemplo.example"]) == found


def test_short_names_are_in_too_many_words() -> None:
    assert weakness("siete tordos al alba", ["al"]) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=140), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_has_an_answer(password: str, personal: list[str]) -> None:
    found = weakness(password, personal)
    assert (found is Weakness.SHORT) == (len(password) < SHORTEST)
    assert (found is Weakness.LONG) == (len(password) > LONGEST)


@pytest.mark.timeout(20)
def test_a_password_made_to_be_slow_is_not() -> None:
    """Without a bound on what is looked at, one of these takes minutes."""
    weakness("4@({[<369!1|7|0$5+7%2" * 6, [])
