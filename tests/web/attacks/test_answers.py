"""What each answer says to the browser beside its content, and what it keeps to itself."""

import re

import pytest
from quart import Response

from enertrack.settings import Settings
from enertrack.stores import nodes
from tests.web.access.people import SAFE, ask, person, rows
from tests.web.access.rows import ROWS
from tests.web.access.table import Row
from tests.web.attacks.corpus import PATHS
from tests.web.conftest import OWN, Site

LOOKS = [row for row in ROWS if row.method == "GET" and not row.stream]
TELLTALE = re.compile(
    r"Traceback|File \"|/enertrack/|/opt/|site-packages|[Ww]erkzeug|[Qq]uart\b|[Hh]ypercorn|[Jj]inja|[Ss]ql[Aa]lchemy|"
    r"sqlite|SELECT |Python/|\bflux\b|asyncio|secreto-de-prueba"
)
CODES = {400: f"/nodos/{OWN}/tension/datos?desde=x", 401: "/vivo", 404: "/nada", 405: "/salir"}


@rows(LOOKS)
async def test_headers(site: Site, row: Row) -> None:
    answer = await ask(await person(site, "alba"), row)
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


@rows(LOOKS)
async def test_type_of_what_is_sent_is_told(site: Site, row: Row) -> None:
    answer = await ask(await person(site, "alba"), row)
    if not await answer.get_data():
        return
    kind = answer.content_type or ""
    assert re.match(r"[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$", kind), kind
    assert "charset=utf-8" in kind or not kind.startswith("text/") or row.endpoint.startswith("assets.")


@rows([row for row in LOOKS if not row.endpoint.startswith(("assets.", "pwa."))])
async def test_nothing_personal_is_kept_by_browsers_and_proxies(site: Site, row: Row) -> None:
    for browser in (await site.signed_in(), site.browser()):
        assert "no-store" in (await ask(browser, row)).headers["Cache-Control"]


@rows([row for row in ROWS if not row.stream])
async def test_nobody_else_may_ask_with_the_users_cookies(site: Site, row: Row) -> None:
    """No CORS: neither a preflight nor an answer lets another site read."""
    browser = await person(site, "ana")
    path = row.path.format(meter=OWN)
    headers = {"Origin": "https://otro.example", "Access-Control-Request-Method": row.method}
    answer = await browser.client.options(path, headers=headers)
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(("code", "path"), CODES.items())
async def test_error_pages_say_nothing_of_what_is_inside(site: Site, code: int, path: str) -> None:
    browser = site.browser() if code == 401 else await site.signed_in()
    answer = await browser.get(path, Accept="text/event-stream" if code == 401 else "text/html")
    assert answer.status_code == code
    assert not TELLTALE.search(said(answer, await answer.get_data(as_text=True)))


@rows([row for row in LOOKS if row.needs.value in {"lector", "signed in"}])
async def test_our_own_faults_say_nothing(site: Site, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        message = "SELECT secreto-de-prueba FROM Usuarios"
        raise RuntimeError(message)

    browser = await person(site, "ana")
    for name in ("memberships", "membership"):
        monkeypatch.setattr(nodes, name, broken)
    answer = await ask(browser, row)
    assert answer.status_code in row.ok | {400, 500}
    assert not TELLTALE.search(said(answer, await answer.get_data(as_text=True)))
    assert (await browser.get("/healthz")).status_code == 200


def said(answer: Response, text: str) -> str:
    return f"{answer.headers} {re.sub(r'/static/[^ ]*', '', text)}"


@pytest.mark.parametrize("path", PATHS)
async def test_only_assets_are_served(site: Site, path: str) -> None:
    for before in ("/static/", "/static/x/", "/static/x/css/", "/static/x/vendor/"):
        assert (await site.browser().get(before + path)).status_code == 404


@rows(ROWS)
async def test_methods_that_a_route_does_not_have(site: Site, row: Row) -> None:
    browser = await person(site, "ana")
    path = row.path.format(meter=OWN)
    known = {other.method for other in ROWS if other.path == row.path} | SAFE
    for method in {"PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO"} - known:
        answer = await browser.client.open(path, method=method, headers={"Origin": "http://localhost"}, json={})
        assert answer.status_code in {403, 405}, method


class TestBehindProxy:
    """Once seen by https, never again without."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"enertrack_proxy": True})

    @pytest.mark.parametrize("path", ["/", "/ingresar", "/nada", "/static/x/css/enertrack.css", "/healthz"])
    async def test_transport_is_secure_for_a_year(self, site: Site, path: str) -> None:
        answer = await site.app.test_client().get(path, scheme="https")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
