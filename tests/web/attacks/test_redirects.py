"""Addresses that would lead elsewhere: in a parameter, and in the name by which the site is asked for."""

from urllib.parse import quote, urljoin, urlsplit

import pytest
from quart import Response

from enertrack.settings import Settings
from enertrack.web.auth.redirect import own_path
from tests.web.access.people import SAFE, fields, named, person
from tests.web.access.rows import ROWS
from tests.web.access.table import Row
from tests.web.attacks.corpus import HOSTS, REDIRECTS
from tests.web.conftest import HTML, OWN, Browser, Site

BASE = "http://localhost/ingresar"
FOREIGN = "otro.example"


@pytest.mark.parametrize("target", REDIRECTS)
def test_a_browser_would_stay_here(target: str) -> None:
    """As browsers read it: without tabs and line ends, backslashes as slashes."""
    path = own_path(target)
    read = "".join(c for c in path if c not in "\t\r\n").replace("\\", "/").strip()
    assert urlsplit(urljoin(BASE, read)).netloc == "localhost"
    assert path.startswith("/")
    assert path.isprintable()


@pytest.mark.parametrize("target", ["/", "/consumo?periodo=mes&fecha=2026-01-01", "/nodos/A0B76512C4D0/tension#tabla"])
def test_own_pages_are_gone_on_to(target: str) -> None:
    assert own_path(target) == target


@pytest.mark.parametrize("target", REDIRECTS)
async def test_the_form_does_not_carry_it_on(site: Site, target: str) -> None:
    page = await site.browser().text(f"/ingresar?siguiente={quote(target)}")
    assert FOREIGN not in page


@pytest.mark.parametrize("target", ["//otro.example", "https://otro.example/", "/\\otro.example"])
async def test_signing_in_leads_nowhere_else(site: Site, target: str) -> None:
    answer = await site.browser().enter("ana", siguiente=target)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


async def asked_by(browser: Browser, row: Row, host: str) -> Response:
    """What a route answers to who calls the site by that name."""
    path = row.path.format(meter=OWN)
    headers = HTML | {"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}", "X-Host": host}
    if row.method in SAFE:
        return await browser.client.get(path, headers=headers)
    form = fields(row) | {"csrf": await browser.token()}
    answer: Response = await getattr(browser.client, row.method.lower())(path, form=form, headers=headers)
    return answer


class TestNamed:
    """Where the site has a name, it goes by no other."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"dominio": "casa.example"})

    @pytest.mark.parametrize("host", HOSTS)
    async def test_no_answer_repeats_a_name_that_was_asked_for(self, site: Site, host: str) -> None:
        browser = await person(site, "alba")
        found = []
        for row in (r for r in ROWS if not r.stream):
            answer = await asked_by(browser, row, host)
            said = f"{answer.headers} {await answer.get_data(as_text=True)}"
            if FOREIGN in said or answer.status_code == 500:
                found.append((named(row), answer.status_code))
            if row.endpoint == "auth.leave":
                browser = await site.signed_in("alba")
        assert found == []

    async def test_every_redirect_stays_here(self, site: Site) -> None:
        browser = site.browser()
        for row in (r for r in ROWS if r.method == "GET" and not r.stream):
            answer = await asked_by(browser, row, FOREIGN)
            assert answer.headers.get("Location", "/").startswith("/"), named(row)
            assert not answer.headers.get("Location", "/").startswith("//"), named(row)
