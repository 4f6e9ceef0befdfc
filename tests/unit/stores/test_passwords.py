import asyncio
import threading

import pytest
from werkzeug.security import check_password_hash, generate_password_hash

from enertrack.stores import passwords


async def test_a_password_is_verified_and_no_other() -> None:
    kept = await passwords.hash_password("contraseña ñandú 🙂")
    assert await passwords.verify(kept, "contraseña ñandú 🙂") is True
    for wrong in ("", "contraseña ñandú", "CONTRASEÑA ñandú 🙂"):
        assert await passwords.verify(kept, wrong) is False


async def test_two_hashes_of_a_password_differ() -> None:
    one, other = [await passwords.hash_password("igual") for _ in range(2)]
    assert one != other
    assert "igual" not in one
    assert not passwords.needs_rehash(one)


@pytest.mark.parametrize("method", ["scrypt", "scrypt:32768:8:1", "pbkdf2:sha256:1000"])
async def test_people_of_the_original_keep_their_password_which_is_then_kept_better(method: str) -> None:
    kept = generate_password_hash("de antes", method)
    assert await passwords.verify(kept, "de antes") is True
    assert await passwords.verify(kept, "otra") is False
    assert passwords.needs_rehash(kept)


@pytest.mark.parametrize("kept", [None, "", "nada", "md5$a$b", "scrypt:1:2$a$b", "scrypt:0:0:0$a$b", "$$", "!"])
async def test_what_is_no_hash_verifies_nothing(kept: str | None) -> None:
    for password in ("", "nada", "b"):
        assert await passwords.verify(kept, password) is False


async def test_an_unknown_person_costs_the_same_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known, former = await passwords.hash_password("x"), generate_password_hash("x", "scrypt:32768:8:1")
    work: list[int] = []
    real = check_password_hash

    def counted(kept: str, password: str) -> bool:
        work.append(int(kept.split("$", 1)[0].split(":")[3]))
        return real(kept, password)

    monkeypatch.setattr(passwords, "check_password_hash", counted)
    totals = []
    for kept in (known, former, None):
        work.clear()
        await passwords.verify(kept, "y")
        totals.append(sum(work))
    assert totals == [3, 3, 3]


async def test_at_most_two_are_checked_at_once_and_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    go, begun, most = threading.Event(), 0, 0

    def slow(_kept: str, _password: str) -> bool:
        nonlocal begun, most
        begun += 1
        most = max(most, begun)
        go.wait()
        begun -= 1
        return False

    monkeypatch.setattr(passwords, "check_password_hash", slow)
    tasks = [asyncio.create_task(passwords.verify("x", "y")) for _ in range(8)]
    while begun < 2:  # noqa: ASYNC110 - a thread says so, not the loop
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*tasks)
    assert most == 2
