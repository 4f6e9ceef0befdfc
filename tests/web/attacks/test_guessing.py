"""Guesses at passwords: how many of them are looked at, and whom the others keep out."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import cycle

import pytest
from quart import Response
from werkzeug.security import check_password_hash

from enertrack.stores import passwords
from tests.web.conftest import HTML, PASSWORD, Browser, Site

ATTACKER, HOME = "203.0.113.7", "198.51.100.9"
LIMIT, LIMIT_OF_ALL = 5, 30
WRONG = "no es esta"

Work = list[str]


@pytest.fixture
def work(site: Site, monkeypatch: pytest.MonkeyPatch, password_hash: str) -> Work:
    """Each password that reaches the hasher, which answers at once; the clock of the limits stands still."""
    looked_at: Work = []

    def looks(kept: str, password: str) -> bool:
        looked_at.append(password)
        return kept == password_hash and password == PASSWORD

    monkeypatch.setattr(passwords, "check_password_hash", looks)
    monkeypatch.setattr(site.services.guesses, "_clock", lambda: 0.0)
    return looked_at


async def guess(browser: Browser, address: str, name: str = "ana", password: str = WRONG, **headers: str) -> Response:
    """A sign-in from that address."""
    form = {"usuario": name, "clave": password, "csrf": await browser.token()}
    sent = HTML | {"Origin": "http://localhost"} | headers
    return await browser.client.post("/ingresar", form=form, headers=sent, scope_base={"client": (address, 40_000)})


async def statuses(guesses: list[Callable[[], Awaitable[Response]]]) -> list[int]:
    return [(await one()).status_code for one in guesses]


async def test_what_reaches_the_real_hasher(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Work = []

    def looks(kept: str, password: str) -> bool:
        asked.append(password)
        return check_password_hash(kept, password)

    monkeypatch.setattr(site.services.guesses, "_clock", lambda: 0.0)
    monkeypatch.setattr(passwords, "check_password_hash", looks)
    for _ in range(LIMIT * 2):
        await guess(site.browser(), ATTACKER)
    assert asked == [WRONG] * LIMIT
    assert (await guess(site.browser(), HOME, password=PASSWORD)).status_code == 303


async def test_one_client_has_five_guesses_a_minute_at_an_account(site: Site, work: Work) -> None:
    codes = [(await guess(site.browser(), ATTACKER, password=f"clave {i}")).status_code for i in range(9)]
    assert codes == [401] * LIMIT + [429] * 4
    assert len(work) == LIMIT


async def test_guesses_at_the_same_moment_are_no_more(site: Site, work: Work) -> None:
    browsers = [site.browser() for _ in range(20)]
    answers = await asyncio.gather(*(guess(b, ATTACKER, password=f"clave {i}") for i, b in enumerate(browsers)))
    assert sorted({a.status_code for a in answers}) == [401, 429]
    assert len(work) == LIMIT


async def test_many_names_are_no_more_guesses(site: Site, work: Work) -> None:
    names = ["ana", "bruno", *(f"nombre{i}" for i in range(10))]
    for name in names:
        await guess(site.browser(), ATTACKER, name)
    assert len(work) == LIMIT


async def test_what_is_refused_is_not_looked_at_though_it_is_right(site: Site, work: Work) -> None:
    for _ in range(LIMIT):
        await guess(site.browser(), ATTACKER)
    answer = await guess(site.browser(), ATTACKER, password=PASSWORD)
    assert answer.status_code == 429
    assert PASSWORD not in work


@pytest.mark.usefixtures("work")
async def test_owner_comes_in_from_elsewhere_meanwhile(site: Site) -> None:
    for _ in range(LIMIT * 2):
        await guess(site.browser(), ATTACKER)
    assert (await guess(site.browser(), HOME, password=PASSWORD)).status_code == 303
    assert (await guess(site.browser(), ATTACKER, password=PASSWORD)).status_code == 429


async def test_owner_comes_in_from_their_own_browser_though_the_whole_world_guesses(site: Site, work: Work) -> None:
    own = site.browser()
    await guess(own, HOME, password=PASSWORD)
    await own.post("/salir", {"csrf": await own.token()})
    work.clear()
    codes = [(await guess(site.browser(), f"203.0.113.{i}")).status_code for i in range(LIMIT_OF_ALL + 8)]
    assert codes == [401] * LIMIT_OF_ALL + [429] * 8
    assert len(work) == LIMIT_OF_ALL
    assert (await guess(own, HOME, password=PASSWORD)).status_code == 303


async def test_a_known_browser_has_no_more_guesses(site: Site, work: Work) -> None:
    """Else its cookie, stolen or shared, would be worth guessing with from everywhere."""
    own = site.browser()
    await guess(own, HOME, password=PASSWORD)
    await own.post("/salir", {"csrf": await own.token()})
    work.clear()
    for i in range(12):
        await guess(own, f"203.0.113.{i}")
    assert len(work) == LIMIT


async def test_a_known_browser_is_that_of_its_account_alone(site: Site, work: Work) -> None:
    own = site.browser()
    await guess(own, HOME, "bruno", PASSWORD)
    await own.post("/salir", {"csrf": await own.token()})
    for i in range(LIMIT_OF_ALL):
        await guess(site.browser(), f"203.0.113.{i}")
    work.clear()
    assert (await guess(own, HOME)).status_code == 429
    assert work == []


async def code(browser: Browser, address: str) -> int:
    """A wrong code, after the right password."""
    answer = await guess(browser, address, password=PASSWORD)
    assert answer.headers["Location"] == "/ingresar/codigo"
    form = {"codigo": "000000", "csrf": await browser.token()}
    sent = HTML | {"Origin": "http://localhost"}
    done = await browser.client.post("/ingresar/codigo", form=form, headers=sent, scope_base={"client": (address, 1)})
    return done.status_code


@pytest.mark.usefixtures("work")
async def test_the_whole_world_has_ten_guesses_at_an_accounts_codes(site: Site) -> None:
    await site.give_second_factor(1)
    assert [await code(site.browser(), f"203.0.113.{i}") for i in range(12)] == [401] * 10 + [429] * 2


@pytest.mark.usefixtures("work")
async def test_browsers_that_were_known_before_there_was_a_second_factor_have_no_more(site: Site) -> None:
    """Who had the password alone could have made as many as they liked."""
    browsers = [site.browser() for _ in range(12)]
    for i, browser in enumerate(browsers):
        assert (await guess(browser, f"203.0.113.{i}", password=PASSWORD)).headers["Location"] == "/"
        await browser.send("/salir")
    await site.give_second_factor(1)
    assert [await code(b, f"203.0.113.{i}") for i, b in enumerate(browsers)] == [401] * 10 + [429] * 2


async def known_browser(site: Site) -> Browser:
    """One that passed ana's second factor before."""
    await site.give_second_factor(1)
    own = site.browser()
    await guess(own, HOME, password=PASSWORD)
    assert (await own.send("/ingresar/codigo", codigo=site.code())).headers["Location"] == "/"
    await own.send("/salir")
    return own


@pytest.mark.usefixtures("work")
async def test_nobody_who_guesses_codes_keeps_the_owner_out_of_their_own_browser(site: Site) -> None:
    own = await known_browser(site)
    assert 429 in [await code(site.browser(), f"203.0.113.{i}") for i in range(12)]
    await guess(own, HOME, password=PASSWORD)
    assert (await own.send("/ingresar/codigo", codigo="reserva")).headers["Location"] == "/"


@pytest.mark.usefixtures("work")
async def test_a_browser_that_passed_the_second_factor_has_ten_guesses_at_codes_too(site: Site) -> None:
    """Else its cookie would be worth as many as one has addresses."""
    own = await known_browser(site)
    assert [await code(own, f"203.0.113.{i}") for i in range(12)] == [401] * 10 + [429] * 2


async def test_addresses_of_one_home_are_one_client(site: Site, work: Work) -> None:
    for i in range(9):
        await guess(site.browser(), f"2001:db8:1:2::{i:x}")
    assert len(work) == LIMIT


async def test_a_name_in_other_letters_is_the_same_account(site: Site, work: Work) -> None:
    names = cycle(["ana", "ANA", " ana ", "Ana", "aNa"])
    for i in range(LIMIT_OF_ALL + 9):
        await guess(site.browser(), f"203.0.113.{i}", next(names))
    assert len(work) == LIMIT_OF_ALL


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    "names",
    [["ana", "ANA", " ana "], ["nadie", "NADIE", " nadié "], [f"{'n' * 80}{i}" for i in range(9)]],
    ids=["somebody", "nobody", "longer than a name"],
)
async def test_a_name_that_is_nobodys_is_counted_like_an_account(site: Site, names: list[str]) -> None:
    """So that being refused tells nothing; and what nobody can be called takes no room."""
    tried = [names[i % len(names)] for i in range(LIMIT_OF_ALL + 3)]
    codes = [(await guess(site.browser(), f"203.0.113.{i}", name)).status_code for i, name in enumerate(tried)]
    assert codes == [401] * LIMIT_OF_ALL + [429] * 3


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"])
async def test_no_header_makes_another_client(site: Site, work: Work, header: str) -> None:
    for i in range(9):
        value = f"for=198.51.100.{i}" if header == "Forwarded" else f"198.51.100.{i}"
        await guess(site.browser(), ATTACKER, **{header: value})
    assert len(work) == LIMIT


@pytest.mark.usefixtures("work")
async def test_names_that_are_invented_push_no_count_out(site: Site) -> None:
    """Memory is bounded, but not by forgetting what is guessed at."""
    for _ in range(LIMIT):
        await guess(site.browser(), ATTACKER)
    for i in range(12_000):
        site.services.guesses.take([f"nombre:inventado{i}"])
    assert (await guess(site.browser(), ATTACKER)).status_code == 429


async def test_a_password_too_long_for_anybody_costs_nothing(site: Site, work: Work) -> None:
    answer = await guess(site.browser(), ATTACKER, password="a" * 60_000)
    assert answer.status_code == 401
    assert work == []
