"""What each answer says to the browser beside its content, and what it keeps to itself."""

import re

import pytest
from quart import Response

from enertrack.settings import Settings
from enertrack.stores import nodes
from tests.web.access.people import SAFE, ask, named, person
from tests.web.access.rows import ROWS
from tests.web.access.table import Needs
from tests.web.attacks.corpus import PATHS
from tests.web.conftest import OWN, Site

LOOKS = [row for row in ROWS if row.method == "GET" and not row.stream]
TELLTALE = re.compile(
    r"Traceback|File \"|/enertrack/|/opt/|site-packages|[Ww]erkzeug|[Qq]uart\b|[Hh]ypercorn|[Jj]inja|[Ss]ql[Aa]lchemy|"
    r"sqlite|SELECT |Python/|\bflux\b|asyncio|secreto-de-prueba"
)
CODES = {400: f"/nodos/{OWN}/tension/datos?desde=x", 401: "/vivo", 404: "/nada", 405: "/salir"}


async def test_headers(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "alba")
    for row in LOOKS:
        with subtests.test(named(row)):
            protects(await ask(browser, row))


def protects(answer: Response) -> None:
    policy = {part.split(" ")[0]: part.split(" ")[1:] for part in answer.headers["Content-Security-Policy"].split("; ")}
    for directive in ("default-src", "form-action"):
        assert policy[directive] == ["'self'"]
    for directive in ("object-src", "base-uri", "frame-ancestors"):
        assert policy[directive] == ["'none'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not {"Server", "X-Powered-By"} & set(answer.headers.keys())


async def test_type_of_what_is_sent_is_told(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "alba")
    for row in LOOKS:
        answer = await ask(browser, row)
        kind = answer.content_type or ""
        with subtests.test(named(row)):
            assert re.match(r"[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$", kind) or not await answer.get_data()
            assert "charset=utf-8" in kind or not kind.startswith("text/") or row.endpoint.startswith("assets.")


async def test_nothing_personal_is_kept_by_browsers_and_proxies(site: Site, subtests: pytest.Subtests) -> None:
    own, stranger = await site.signed_in(), site.browser()
    for row in (r for r in LOOKS if not r.endpoint.startswith(("assets.", "pwa."))):
        with subtests.test(named(row)):
            for browser in (own, stranger):
                assert "no-store" in (await ask(browser, row)).headers["Cache-Control"]


async def test_nobody_else_may_ask_with_the_users_cookies(site: Site, subtests: pytest.Subtests) -> None:
    """No CORS: neither a preflight nor an answer lets another site read."""
    browser = await person(site, "ana")
    for row in (r for r in ROWS if not r.stream):
        headers = {"Origin": "https://otro.example", "Access-Control-Request-Method": row.method}
        with subtests.test(named(row)):
            answer = await browser.client.options(row.path.format(meter=OWN), headers=headers)
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(("code", "path"), CODES.items())
async def test_error_pages_say_nothing_of_what_is_inside(site: Site, code: int, path: str) -> None:
    browser = site.browser() if code == 401 else await site.signed_in()
    answer = await browser.get(path, Accept="text/event-stream" if code == 401 else "text/html")
    assert answer.status_code == code
    assert not TELLTALE.search(said(answer, await answer.get_data(as_text=True)))


async def test_our_own_faults_say_nothing(
    site: Site, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        message = "SELECT secreto-de-prueba FROM Usuarios"
        raise RuntimeError(message)

    browser = await person(site, "ana")
    for name in ("memberships", "membership"):
        monkeypatch.setattr(nodes, name, broken)
    codes = set()
    for row in (r for r in LOOKS if r.needs in {Needs.LECTOR, Needs.USER}):
        answer = await ask(browser, row)
        codes.add(answer.status_code)
        with subtests.test(named(row)):
            assert answer.status_code in row.ok | {400, 500}
            assert not TELLTALE.search(said(answer, await answer.get_data(as_text=True)))
    assert 500 in codes


def said(answer: Response, text: str) -> str:
    return f"{answer.headers} {re.sub(r'/static/[^ ]*', '', text)}"


@pytest.mark.parametrize("path", PATHS)
async def test_only_assets_are_served(site: Site, path: str) -> None:
    for before in ("/static/", "/static/x/", "/static/x/css/", "/static/x/vendor/"):
        assert (await site.browser().get(before + path)).status_code == 404


async def test_methods_that_a_route_does_not_have(site: Site, subtests: pytest.Subtests) -> None:
    browser = await person(site, "ana")
    for path in sorted({row.path for row in ROWS}):
        known = {row.method for row in ROWS if row.path == path} | SAFE
        for method in sorted({"PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO"} - known):
            address, headers = path.format(meter=OWN), {"Origin": "http://localhost"}
            with subtests.test(f"{method} {path}"):
                answer = await browser.client.open(address, method=method, headers=headers, json={})
                assert answer.status_code in {403, 405}


class TestBehindProxy:
    """Once seen by https, never again without."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"enertrack_proxy": True})

    @pytest.mark.parametrize("path", ["/", "/ingresar", "/nada", "/static/x/css/enertrack.css", "/healthz"])
    async def test_transport_is_secure_for_a_year(self, site: Site, path: str) -> None:
        answer = await site.app.test_client().get(path, scheme="https")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
