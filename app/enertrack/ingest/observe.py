"""Metrics and health over HTTP, on loopback, in a thread of its own: it answers however busy the loops are."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from enertrack.settings import SettingsError
from enertrack.supervise import Health


@contextlib.contextmanager
def observed(address: str, registry: CollectorRegistry, health: Health) -> Iterator[int]:
    """Serve ``/metrics``, ``/healthz`` and ``/readyz`` on ``host:port``, or not at all where it is empty.

    ``/healthz`` is 200 while every part moves, ``/readyz`` while nothing is away or still
    starting either. Yields the port. Raises SettingsError where it cannot listen there.
    """
    if not address:
        yield 0
        return
    server = _server(address, _handler(registry, health))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(address: str, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    host, _, port = address.rpartition(":")
    try:
        return ThreadingHTTPServer((host.strip("[]"), int(port)), handler)
    except OSError as e:
        message = f"ENERTRACK_METRICAS: no se puede escuchar en {address} ({e.strerror}): elija otro puerto"
        raise SettingsError([message]) from e


def _handler(registry: CollectorRegistry, health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/healthz":
                self._told({"detenido": health.stale})
            elif self.path == "/readyz":
                self._told({"comienza": health.starting, "detenido": health.stale, "sin_respuesta": health.problems})
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")

        def _told(self, wrong: dict[str, object]) -> None:
            status = HTTPStatus.SERVICE_UNAVAILABLE if any(wrong.values()) else HTTPStatus.OK
            self._answer(status, "application/json", json.dumps(wrong, ensure_ascii=False).encode())

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing: a scrape is no event."""

    return Handler
