"""Who has an account is nobody's business: neither by what is said nor by the time it takes."""

import re
import time

from markupsafe import escape

from enertrack.web.limiter import Limiter
from tests.web.access.people import rows
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs, Row
from tests.web.conftest import Browser, Site

WRONG = "no es esta"
ROUNDS = 7


def forget_guesses(site: Site) -> None:
    object.__setattr__(site.services, "guesses", Limiter(clock=lambda: 0.0))


def same_but_for_the_name(page: str, name: str) -> str:
    """A page without what was typed in and what is drawn anew each time."""
    return re.sub(r'value="[0-9a-f]{64}"', "", page).replace(str(escape(name)), "")


async def seen(browser: Browser, name: str) -> tuple[int, dict[str, str], str]:
    answer = await browser.enter(name, WRONG)
    page = await answer.get_data(as_text=True)
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in {"set-cookie", "content-length"}}
    return answer.status_code, headers, same_but_for_the_name(page, name)


async def test_signing_in_says_the_same_of_everybody(site: Site) -> None:
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET activo = 0 WHERE nombre_usuario = 'bruno'")
    known = await seen(site.browser(), "ana")
    assert known[0] == 401
    for name in ("nadie", "bruno", "ana@otro.example", "' OR 1=1 -- "):
        assert await seen(site.browser(), name) == known, name


async def test_too_many_guesses_say_the_same_of_everybody(site: Site) -> None:
    found = []
    for name in ("ana", "nadie"):
        forget_guesses(site)
        for _ in range(5):
            await site.browser().enter(name, WRONG)
        found.append(await seen(site.browser(), name))
    assert found[0][0] == 429
    assert found[0] == found[1]


async def work_s(browser: Browser, name: str) -> float:
    """Processor time of a sign-in, which does not depend on what else the computer does."""
    token = await browser.token()
    begun = time.process_time()
    await browser.post("/ingresar", {"usuario": name, "clave": WRONG, "csrf": token})
    return time.process_time() - begun


async def test_signing_in_takes_as_long_for_everybody(site: Site) -> None:
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET activo = 0 WHERE nombre_usuario = 'bruno'")
    names = ("ana", "nadie", "bruno")
    times: dict[str, list[float]] = {name: [] for name in names}
    browser = site.browser()
    for _ in range(ROUNDS):
        for name in names:
            forget_guesses(site)
            times[name].append(await work_s(browser, name))
    least = {name: min(found) for name, found in times.items()}
    assert max(least.values()) < 1.5 * min(least.values()), least


@rows([row for row in ROWS if row.needs is Needs.NOBODY and row.method == "GET" and "{" not in row.path])
async def test_no_page_of_strangers_names_a_person_or_a_meter(site: Site, row: Row) -> None:
    answer = await site.browser().get(row.path)
    text = await answer.get_data(as_text=True)
    for name in ("bruno", "Casa de ana", "A0B765"):
        assert name not in text
