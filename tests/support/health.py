"""Run by the machine's own Python: waits until every service of an installation answers, at most as long as is told."""

import http.client
import socket
import subprocess
import sys
import time
import urllib.request


class _Pages(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect("/run/enertrack/web.sock")


def _pages() -> bool:
    connection = _Pages("localhost")
    connection.request("GET", "/readyz")
    return connection.getresponse().status == 200


def _readings() -> bool:
    return bool(urllib.request.urlopen("http://127.0.0.1:9464/readyz", timeout=5).status)


def _listens(port: int) -> bool:
    socket.create_connection(("127.0.0.1", port), 5).close()
    return True


def _healthy(units: list[str]) -> bool:
    try:
        states = subprocess.run(["systemctl", "is-active", *units], capture_output=True, text=True, check=False)
        return (
            set(states.stdout.split()) == {"active"} and _listens(443) and _listens(8883) and _readings() and _pages()
        )
    except OSError:
        return False


def main(limit_s: float, units: list[str]) -> None:
    """Print after how many seconds all is well."""
    began = time.monotonic()
    while not _healthy(units):
        if time.monotonic() - began > limit_s:
            sys.exit(f"not healthy within {limit_s} s")
        time.sleep(0.1)
    print(round(time.monotonic() - began, 1))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
