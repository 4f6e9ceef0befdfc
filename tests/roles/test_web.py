"""Role web: a real nginx on what the role renders, before a small application; no machine is needed."""

import json
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Final

import httpx
import pytest

from tests.support.authority import Authority
from tests.support.machine import REPOSITORY
from tests.support.processes import free_port, listening, running, wait_until
from tests.support.rendering import FACTS, rendered

NAME: Final = "energia.example.test"
HSTS: Final = "Strict-Transport-Security"


class Application(BaseHTTPRequestHandler):
    """Answers what it was asked; ``/vivo`` says one thing and goes on when it is told to."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/vivo":
            self._head("text/event-stream", {"Connection": "close"})
            self.wfile.write(b"data: primero\n\n")
            self.go_on.wait(30)
            self.close_connection = True
            return
        body = json.dumps({"asked": self.path, "headers": dict(self.headers)} | {"filler": "x" * 2000}).encode()
        self._head("application/json", {"Content-Length": str(len(body)), HSTS: "max-age=7"})
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _head(self, kind: str, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@dataclass
class Site:
    """A running nginx; ``folder`` has its log and the application's socket."""

    folder: Path
    https: int
    http: int
    authority: Authority

    def client(self, name: str = NAME) -> httpx.Client:
        trust = ssl.create_default_context(cafile=self.authority.certificate)
        transport = Elsewhere(verify=trust)
        return httpx.Client(base_url=f"https://{name}:{self.https}", transport=transport, timeout=30)


class Elsewhere(httpx.HTTPTransport):
    """To this computer, whatever name is asked for."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """nginx, its own places moved into a folder."""
    folder = tmp_path_factory.mktemp("web")
    folder.chmod(0o755)
    found = Site(folder, free_port(), free_port(), Authority(folder / "ca"))
    pair = found.authority.issue(f"DNS:{NAME}")
    facts = FACTS | {"lo": {"ipv4": {}}}
    given = {"web_domain": NAME, "web_port": found.https, "web_socket": str(folder / "web.sock")}
    text = rendered("web", "nginx.conf.j2", folder, web_nginx={"stderr": _version()}, ansible_facts=facts, **given)
    moves = {
        "/etc/enertrack/tls/fullchain.pem": str(pair.certificate),
        "/etc/enertrack/tls/privkey.pem": str(pair.key),
        "/var/log/nginx": str(folder),
        "/run/nginx.pid": str(folder / "nginx.pid"),
        "/var/www/enertrack": str(REPOSITORY / "roles/web/files"),
        "/var/www/acme": str(folder / "acme"),
        "listen 80": f"listen {found.http}",
        "include /etc/nginx/conf.d/*.conf;": "",
        "user www-data;": "user root;" if os.geteuid() == 0 else "",
    }
    for old, new in moves.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    command = ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with running(command, folder / "nginx.log") as process:
        wait_until(lambda: listening(found.https) and listening(found.http), "nginx", process)
        yield found
    assert "emerg" not in process.output()


def _version() -> str:
    return subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=True).stderr


@pytest.fixture
def application(site: Site) -> Iterator[None]:
    """The application, on its socket."""
    path = site.folder / "web.sock"
    path.unlink(missing_ok=True)
    with Server(str(path), Application) as server:
        path.chmod(0o666)
        Application.go_on.clear()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        Application.go_on.set()
        server.shutdown()
    path.unlink()


def test_http_leads_to_https_and_answers_the_authority(site: Site) -> None:
    challenge = site.folder / "acme/.well-known/acme-challenge"
    challenge.mkdir(parents=True, exist_ok=True)
    (challenge / "abc").write_text("respuesta")
    with httpx.Client(base_url=f"http://127.0.0.1:{site.http}", headers={"Host": NAME}) as client:
        there = client.get("/consumo?periodo=dia")
        assert (there.status_code, there.headers["location"]) == (
            301,
            f"https://{NAME}:{site.https}/consumo?periodo=dia",
        )
        assert client.get("/.well-known/acme-challenge/abc").text == "respuesta"
        assert client.get("/api/v1/medidores", headers={"Authorization": "Bearer x"}).status_code == 403
        with pytest.raises(httpx.TransportError):
            client.get("/", headers={"Host": "otro.example"})


@pytest.mark.usefixtures("application")
def test_another_name_is_refused_before_it_can_ask(site: Site) -> None:
    with site.client("otro.example") as client, pytest.raises(httpx.ConnectError, match="UNRECOGNIZED_NAME"):
        client.get("/")
    with site.client() as client, pytest.raises(httpx.TransportError):
        client.get("/", headers={"Host": "otro.example"})


@pytest.mark.usefixtures("application")
def test_the_application_is_told_who_asks_and_for_what(site: Site) -> None:
    lies = {
        "X-Forwarded-For": "203.0.113.1",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "mal.example",
        "Forwarded": "for=203.0.113.1",
        "X-Real-IP": "203.0.113.1",
    }
    with site.client() as client:
        seen = client.get("/", headers=lies).json()["headers"]
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert seen["X-Forwarded-Host"] == seen["Host"] == f"{NAME}:{site.https}"
    assert not {"Forwarded", "X-Real-IP"} & seen.keys()


@pytest.mark.usefixtures("application")
def test_the_applications_headers_stand_and_those_it_does_not_send_are_added(site: Site) -> None:
    with site.client() as client:
        page = client.get("/")
        assert page.headers.get_list(HSTS) == ["max-age=7"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Server"] == "nginx"
        too_much = client.post("/", content=b"x" * 70_000)
        assert too_much.status_code == 413
        assert too_much.headers.get_list(HSTS) == ["max-age=31536000"]


def test_while_the_application_is_away_a_page_says_so(site: Site) -> None:
    with site.client() as client:
        page = client.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "EnerTrack vuelve en un momento" in page.text
    assert page.headers[HSTS] == "max-age=31536000"


@pytest.mark.usefixtures("application")
def test_guesses_are_counted_but_not_looks(site: Site) -> None:
    with site.client() as client:
        assert {client.get("/ingresar").status_code for _ in range(30)} == {200}
        answers = [client.post("/ingresar", data={"clave": "x"}).status_code for _ in range(30)]
    assert answers[:10] == [200] * 10
    assert answers.count(429) >= 15


@pytest.mark.usefixtures("application")
def test_live_values_come_at_once(site: Site) -> None:
    with site.client() as client, client.stream("GET", "/vivo") as answer:
        assert next(answer.iter_text()) == "data: primero\n\n"
        Application.go_on.set()


@pytest.mark.usefixtures("application")
def test_only_what_holds_no_secret_is_compressed(site: Site) -> None:
    with site.client() as client:
        assert client.get("/static/1/app.js").headers["Content-Encoding"] == "gzip"
        assert client.get("/nodos/A/tension/datos").headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in client.get("/ingresar").headers


@pytest.mark.usefixtures("application")
def test_the_log_has_no_query_and_tells_who_asked_for_another_name(site: Site) -> None:
    with site.client() as client:
        client.get("/consumo?secreto=abc", headers={"User-Agent": 'x" 444 "'})
        for path in ("/restablecer/", "/invitaciones/", "/correo/", "/api/v1/invitaciones/"):
            client.get(f"{path}secreto")
        with pytest.raises(httpx.TransportError):
            client.get("/", headers={"Host": "otro.example"})
    log = site.folder / "access.log"
    wait_until(lambda: "ajeno" in log.read_text(), "the log")
    assert "secreto" not in log.read_text()
    assert '200 "GET /consumo HTTP/1.1"' in log.read_text()
    assert '"GET /api/v1/invitaciones/... HTTP/1.1"' in log.read_text()
    assert '"x\\x22 444 \\x22"' in log.read_text()
