"""Codes of an authenticator."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack.domain import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(now: int, code: str) -> None:
    assert totp.step_of(SECRET, code, now) == now // 30


@given(st.integers(200, 4_000_000_000), st.integers(-4, 4))
def test_a_clock_may_differ_by_one_step(now: int, off: int) -> None:
    code = totp.code_at(SECRET, now // 30 + off)
    found = totp.step_of(SECRET, code, now)
    near = {totp.code_at(SECRET, now // 30 + d) for d in (-1, 0, 1)}
    assert (found is not None) == (code in near)
    assert found is None or totp.code_at(SECRET, found) == code


@given(st.text(max_size=8))
def test_what_is_no_code_is_none(text: str) -> None:
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        assert totp.step_of(SECRET, text, 1_000_000) is None


def test_secrets_differ_and_have_160_bits() -> None:
    drawn = {totp.new_secret() for _ in range(50)}
    assert len(drawn) == 50
    assert {len(base64.b32decode(secret)) for secret in drawn} == {20}


def test_an_authenticator_reads_whose_it_is() -> None:
    address = totp.provisioning(SECRET, "josé & ana")
    assert address.startswith("otpauth://totp/EnerTrack:jos%C3%A9%20%26%20ana?")
    assert f"secret={SECRET}" in address
