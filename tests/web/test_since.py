"""Nothing that was measured before a meter was theirs reaches a person: each page is as if it had never been."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from enertrack.domain.calendar import Period
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.stores import users
from enertrack.stores.measurements.since import Bound, Since
from enertrack.stores.nodes import link_user
from enertrack.web import meters
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Browser, Site

SINCE = int(datetime(2026, 6, 16, 9, 7, 31, tzinfo=ZoneInfo(BUENOS_AIRES)).timestamp())
"""Within a quarter of an hour, an hour, a day and a month."""
START = SINCE - 40 * 86_400
STEP_S = 150
DATA = f"/nodos/{OWN}/potencia/datos"
DAYS = ("2026-06-16", "2026-06-17", "2026-05-20")
MORE = [
    *(f"{DATA}?desde={NOW - seconds}&hasta={NOW}" for seconds in (3 * 3600, 30 * 3600, 40 * 86_400, 2 * 365 * 86_400)),
    f"{DATA}?desde={NOW - 6 * 365 * 86_400}&hasta={NOW}",
    f"{DATA}?desde={SINCE - 3600}&hasta={SINCE}",
    *(
        f"/consumo?periodo={period}&fecha={day}"
        for period in Period
        for day in ("2026-06-16", "2026-06-17", "2026-05-20")
    ),
    "/consumo/calor/datos?anio=2026",
]
"""Each resolution and each period, on both sides of the moment."""
DRAWN = re.compile(r'name="csrf"\s+value="[^"]*"|data-first="\d+"')
ABOUT_THE_PERSON = "/perfil"
READ = [
    r
    for r in ROWS
    if r.method == "GET"
    and r.needs in {Needs.USER, Needs.LECTOR}
    and not r.stream
    and not r.path.startswith(ABOUT_THE_PERSON)
]
PATHS = [*(r.path.format(meter=OWN) for r in READ), *MORE]


def readings(start: int, stop: int) -> Iterator[Reading]:
    """A register that has gone on all the time; what was drawn before is another power than what is drawn now."""
    for i, t in enumerate(range(START, stop + 1, STEP_S)):
        if t > start:
            power = 4321.0 if t <= SINCE else 120.0 + t // STEP_S % 50
            yield Reading(t=t, dt=STEP_S, seq=i, energia_wh=90_000.0 + 7 * i, potencia=power, tension=power / 10)


async def theirs_since(site: Site) -> Browser:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    moment = datetime.fromtimestamp(SINCE, UTC)
    await link_user(site.engine, user_id=ana.id, node_id=site.own, rol="propietario", desde=moment)
    return await site.signed_in("ana")


async def shown(browser: Browser) -> dict[str, str]:
    """Every answer, but for tokens and where a chart may begin: with the moment or with the first reading after it."""
    found = {}
    for path in PATHS:
        answer = await browser.get(path)
        text = await answer.get_data(as_text=False)
        found[path] = DRAWN.sub("", text.decode(errors="replace"))
    return found


async def test_each_page_is_as_if_nothing_had_been_before(site: Site) -> None:
    await site.keep(site.own, list(readings(SINCE, NOW)))
    browser = await theirs_since(site)
    without = await shown(browser)
    await site.keep(site.own, list(readings(START, NOW)))
    object.__setattr__(site.services, "recent", type(site.services.recent)())
    within = await shown(browser)
    assert {path: text for path, text in within.items() if text != without[path]} == {}
    assert "4321" not in "".join(within.values())


async def test_who_has_all_of_it_sees_it(site: Site) -> None:
    await site.keep(site.own, list(readings(START, NOW)))
    answer = await (await site.signed_in("ana")).json(f"{DATA}?desde={START}&hasta={NOW}")
    assert answer["maximo"] == 4321.0


async def test_meter_that_is_silent_since_then_has_no_data(site: Site) -> None:
    await site.keep(site.own, list(readings(START, SINCE)))
    browser = await theirs_since(site)
    assert 'data-state="sin_datos"' in await browser.text(f"/nodos/{OWN}")
    assert "Todavía no hay lecturas" in await browser.text(f"/nodos/{OWN}/potencia")


@pytest.mark.parametrize("resolution", [Resolution.QUARTER, Resolution.HOUR, Resolution.DAY])
async def test_windows_beside_the_moment(site: Site, resolution: Resolution) -> None:
    await site.keep(site.own, list(readings(SINCE, NOW)))
    alone = [
        await site.store.windows(resolution, [site.own], 0, NOW),
        await site.store.window_before(resolution, site.own, NOW),
        await site.store.window_after(resolution, site.own, 0),
        await site.store.window_after(resolution, site.own, SINCE - 90_000),
        await site.store.window_before(resolution, site.own, START + 86_400),
    ]
    await site.keep(site.own, list(readings(START, NOW)))
    seen = Since(site.store, {site.own: Bound(SINCE, 26_500.0)})
    assert alone == [
        await seen.windows(resolution, [site.own], 0, NOW),
        await seen.window_before(resolution, site.own, NOW),
        await seen.window_after(resolution, site.own, 0),
        await seen.window_after(resolution, site.own, SINCE - 90_000),
        await seen.window_before(resolution, site.own, START + 86_400),
    ]


def test_pages_have_no_other_way_to_what_was_measured() -> None:
    """Who asks the store itself: the newest values, which are shown to all alike, and whether it answers."""
    folder = Path(meters.__file__).parent
    found = {str(f.relative_to(folder)) for f in folder.rglob("*.py") if "().measurements" in f.read_text()}
    assert found == {"meters.py", "health.py"}
