"""A small server of restic's REST protocol, version 2: a repository of copies that is on another host."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

KIND = "application/vnd.x.restic.rest.v2"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / urlsplit(self.path).path.strip("/")

    def answer(self, status: int, body: bytes = b"", size: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", KIND)
        self.send_header("Content-Length", str(len(body) if size is None else size))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        found = self.file.is_file()
        self.answer(200 if found else 404, size=self.file.stat().st_size if found else 0)

    def do_GET(self) -> None:
        if self.path.endswith("/"):
            self.answer(200, json.dumps(_listed(self.file)).encode())
        elif not self.file.is_file():
            self.answer(404)
        elif part := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"] or ""):
            self.answer(206, self.file.read_bytes()[int(part[1]) : int(part[2]) + 1])
        else:
            self.answer(200, self.file.read_bytes())

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if urlsplit(self.path).query != "create=true":
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_bytes(content)
        self.answer(200)

    def do_DELETE(self) -> None:
        self.file.unlink()
        self.answer(200)

    def log_message(self, *_: object) -> None:
        pass


def _listed(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [{"name": file.name, "size": file.stat().st_size} for file in files]


@contextlib.contextmanager
def rest_server(listen_address: str, folder: Path) -> Iterator[str]:
    """The repository in ``folder``, empty until somebody makes one: its address as restic takes it."""
    folder.mkdir()
    handler = type("Here", (Handler,), {"folder": folder})
    with ThreadingHTTPServer((listen_address, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"rest:http://{listen_address}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
