"""Secrets that are kept encrypted."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from enertrack.stores.sealing import Seal, Unreadable

KEY = SecretStr(Fernet.generate_key().decode())


@pytest.mark.parametrize("key", [None, KEY])
def test_what_is_closed_is_opened_again(key: SecretStr | None) -> None:
    seal = Seal(key, "la de las cookies")
    kept = seal.closed("secreto ñandú")
    assert "secreto" not in kept
    assert len(kept) <= 255
    assert seal.opened(kept) == "secreto ñandú"


def test_a_key_that_is_set_later_reads_what_was_kept_before() -> None:
    kept = Seal(None, "la de las cookies").closed("x")
    assert Seal(KEY, "la de las cookies").opened(kept) == "x"


def test_the_key_that_is_set_is_enough() -> None:
    assert Seal(KEY, "otra").opened(Seal(KEY, "la de las cookies").closed("x")) == "x"


@pytest.mark.parametrize("kept", ["", "x", "gAAAAA", "ñ"])
def test_what_is_not_ours_is_not_read(kept: str) -> None:
    with pytest.raises(Unreadable):
        Seal(KEY, "la de las cookies").opened(kept)


def test_another_key_reads_nothing() -> None:
    with pytest.raises(Unreadable):
        Seal(None, "otra").opened(Seal(None, "la de las cookies").closed("x"))
