"""A real InfluxDB v2: found on PATH or built by the Go tool chain, started in a temporary folder.

``python -m tests.support.influxd`` builds it where it is missing (some minutes, once).
"""

import fcntl
import itertools
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import pytest

from tests.support.authority import Certificate
from tests.support.processes import Process, free_port, wait_until

BUILD: Final = Path(__file__).with_name("influxd_build")


def major(binary: str | Path) -> int | None:
    """Major version of an ``influxd`` (Debian's own is a 1.6 of the same name), None where it tells none."""
    told = subprocess.run([binary, "version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"InfluxDB v?(\d+)\.", told)
    return int(found[1]) if found else None


def find() -> Path:
    """An ``influxd`` v2: the one on PATH, else our own build, which is made now where it is missing."""
    on_path = shutil.which("influxd")
    if on_path and major(on_path) == 2:
        return Path(on_path)
    cache = Path(os.environ.get("ENERTRACK_CACHE") or Path.home() / ".cache/enertrack")
    target = cache / "influxd-build"
    target.mkdir(parents=True, exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (done := build(target, os.environ)).returncode:
            raise RuntimeError(done.stderr)
    return target / "bin/influxd"


def build(target: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Build into ``target/bin``, which takes minutes, or nothing where it is there already."""
    return subprocess.run([BUILD / "build.sh", target], env=env, stderr=subprocess.PIPE, text=True, check=False)


class Influxd:
    """An ``influxd`` with an organisation and a token, keeping its data in ``folder`` between starts.

    With ``tls`` it speaks https alone, with a certificate that ``authority`` has signed.
    """

    org: Final = "enertrack"
    token: Final = "influxd-of-the-tests"

    def __init__(self, folder: Path, tls: Certificate | None = None, authority: Path | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._tls = tls
        self._client = httpx.Client(verify=ssl.create_default_context(cafile=authority), timeout=30)
        self._buckets = itertools.count()
        self.process = Process(self._command(), folder / "influxd.log")
        self.wait_ready()
        setup = {"username": "pruebas", "password": "de-pruebas", "org": self.org, "bucket": "primero"}
        self.request("POST", "/api/v2/setup", json={**setup, "token": self.token})

    def _command(self) -> list[str]:
        paths = {"bolt": "i.bolt", "sqlite": "i.sqlite", "engine": "engine"}
        options = [f"--{name}-path={self.folder / path}" for name, path in paths.items()]
        if self._tls:
            options += [f"--tls-cert={self._tls.certificate}", f"--tls-key={self._tls.key}"]
        return [str(find()), *options, f"--http-bind-address=127.0.0.1:{self.port}", "--reporting-disabled"]

    def request(self, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        """The answer of the server's HTTP API to its administrator; raises where it is an error."""
        headers = {"Authorization": f"Token {self.token}"}
        return self._client.request(method, self.url + path, headers=headers, **content).raise_for_status()

    def _ready(self) -> bool:
        try:
            return self._client.get(self.url + "/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def wait_ready(self) -> None:
        """Return when it answers."""
        wait_until(self._ready, "influxd /health", self.process)

    def kill(self) -> None:
        """End it as a power cut would; its data stays."""
        self.process.kill()

    def stop(self) -> None:
        """End it in order; its data stays."""
        self.process.stop()

    def start(self) -> None:
        """Start it again on the same port and folder."""
        self.process.start()
        self.wait_ready()

    def new_bucket(self, retention_s: int = 0) -> str:
        """Name of a new, empty bucket; a ``retention_s`` of 0 keeps all."""
        name = f"cubo{next(self._buckets)}"
        rules = [{"type": "expire", "everySeconds": retention_s}] if retention_s else []
        body = {"name": name, "orgID": self._org_id(), "retentionRules": rules}
        self.request("POST", "/api/v2/buckets", json=body)
        return name

    def reading_token(self) -> str:
        """A token that may read all buckets and write none."""
        right = {"action": "read", "resource": {"type": "buckets", "orgID": self._org_id()}}
        body = {"orgID": self._org_id(), "permissions": [right]}
        return str(self.request("POST", "/api/v2/authorizations", json=body).json()["token"])

    def _org_id(self) -> str:
        return str(self.request("GET", "/api/v2/orgs", params={"org": self.org}).json()["orgs"][0]["id"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._client.close()


@pytest.fixture(scope="session")
def influxd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    """One InfluxDB for the whole run of a worker."""
    with Influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def influxd_bucket(influxd_server: Influxd) -> str:
    """A fresh bucket's name."""
    return influxd_server.new_bucket()


if __name__ == "__main__":
    try:
        print(find())  # noqa: T201 - a command's answer
    except RuntimeError as missing:
        sys.exit(str(missing))
