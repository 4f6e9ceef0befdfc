"""A small stand-in for DuckDNS's update API, whose names pebble's name servers then know."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.support.acme import NameServers


@dataclass
class DuckDns:
    """One account with one name; ``address`` is where it points, ``texts`` all that it was ever given as TXT."""

    token: str
    name: str
    names: NameServers
    url: str = ""
    address: str = ""
    texts: list[str] = field(default_factory=list)
    refused: int = 0

    def update(self, query: dict[str, list[str]], sender: str) -> str:
        """What the service answers: OK, or KO for another's token or name."""
        value = {name: values[-1] for name, values in query.items()}
        if (value.get("token"), value.get("domains")) != (self.token, self.name):
            self.refused += 1
            return "KO"
        challenge = f"_acme-challenge.{self.name}.duckdns.org"
        if value.get("clear") == "true":
            self.names.clear_txt(challenge)
        elif "txt" in value:
            self.names.clear_txt(challenge)  # it keeps one text
            self.names.set_txt(challenge, value["txt"])
            self.texts.append(value["txt"])
        else:
            self.address = value.get("ip") or sender
        return "OK"


@contextlib.contextmanager
def duckdns(listen_address: str, names: NameServers, token: str, name: str) -> Iterator[DuckDns]:
    """The service on ``listen_address``."""
    service = DuckDns(token, name, names)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            known = asked.path == "/update"
            query = parse_qs(asked.query, keep_blank_values=True)
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write((service.update(query, self.client_address[0]) if known else "").encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((listen_address, 0), Handler) as server:
        service.url = f"http://{listen_address}:{server.server_port}/update"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
