"""Texts that are said in Spanish, and in another language together with those that are within."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain.text import Text, listed, reason
from enertrack.domain.text import text as _

ENGLISH = {"no se puede: %(why)s": "cannot be done: %(why)s", "sin lugar en %(place)s": "no room on %(place)s"}
WHY = _("sin lugar en %(place)s", place="/")


def test_a_text_within_another_is_translated_too() -> None:
    told = _("no se puede: %(why)s", why=WHY)
    assert str(told) == "no se puede: sin lugar en /"
    assert told.said(lambda message: ENGLISH[message]) == "cannot be done: no room on /"


@given(st.text(), st.text())
def test_what_comes_from_outside_is_told_as_it_is(one: str, other: str) -> None:
    told = listed([_("%(a)s", a=one), _("%(b)s", b=other)])
    assert str(told) == f"{one}; {other}"
    assert msgspec.json.decode(msgspec.json.encode(told), type=Text) == told


def test_an_exception_made_of_a_text_gives_it_back() -> None:
    assert reason(OSError(WHY)) is WHY
    assert str(OSError(WHY)) == "sin lugar en /"
    assert reason(ValueError("no")) == "no"
    assert reason(TimeoutError()) == ""
