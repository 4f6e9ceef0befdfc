"""A certificate authority that speaks ACME (Debian's ``pebble``), with the name servers that it asks."""

import contextlib
import json
import os
import shutil
import socket
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.authority import Authority
from tests.support.processes import Process, running, wait_until

DAY_S: Final = 86_400
QUICK: Final = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}


@dataclass(frozen=True)
class NameServers:
    """What pebble sees as the world's DNS: each name is ``machine_address``, and what is said here."""

    management: str

    def set_txt(self, name: str, value: str) -> None:
        """Give ``name`` one more text."""
        self._tell("set-txt", {"host": f"{name}.", "value": value})

    def clear_txt(self, name: str) -> None:
        """Take all texts from it."""
        self._tell("clear-txt", {"host": f"{name}."})

    def _tell(self, order: str, what: dict[str, str]) -> None:
        request = urllib.request.Request(f"{self.management}/{order}", json.dumps(what).encode())
        urllib.request.urlopen(request, timeout=10).close()


@dataclass(frozen=True)
class AcmeAuthority:
    """A running authority: ``directory_url`` for the client, which trusts its https by ``ca_file``."""

    directory_url: str
    ca_file: Path
    names: NameServers
    management: str

    def issuing_root(self) -> str:
        """The root of the certificates that it issues (PEM), a new one at each start."""
        return self.ask(f"{self.management}/roots/0")

    def ask(self, url: str) -> str:
        """What it answers."""
        trust = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(url, timeout=10, context=trust) as answer:
            return str(answer.read().decode())


@contextlib.contextmanager
def authority(machine_address: str, listen_address: str, days: int = 90) -> Iterator[AcmeAuthority]:
    """An authority on ``listen_address`` that finds each name at ``machine_address``, port 80 (HTTP-01).

    DNS-01 is by ``names`` (or DuckDNS's stand-in upon it). Its certificates are valid for ``days``.
    """
    with tempfile.TemporaryDirectory(prefix="acme") as folder:
        own = Authority(Path(folder))
        pair = own.issue(f"IP:{listen_address}")
        directory, management, dns, orders = (f"{listen_address}:{_free(listen_address)}" for _ in range(4))
        config = {
            "listenAddress": directory,
            "managementListenAddress": management,
            "certificate": str(pair.certificate),
            "privateKey": str(pair.key),
            "httpPort": 80,
            "tlsPort": 443,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": False,
            "certificateValidityPeriod": days * DAY_S,
        }
        file = Path(folder, "pebble.json")
        file.write_text(json.dumps({"pebble": config}))
        names = [_program("pebble-challtestsrv"), "-defaultIPv4", machine_address, "-defaultIPv6", "", "-dns01", dns]
        off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-management", orders]
        pebble = [_program("pebble"), "-config", str(file), "-dnsserver", dns]
        with (
            running([*names, *off], Path(folder, "names.log")) as first,
            running(pebble, Path(folder, "pebble.log"), os.environ | QUICK) as second,
        ):
            for address, process in ((orders, first), (management, second), (directory, second)):
                _await(address, process)
            yield AcmeAuthority(
                f"https://{directory}/dir", own.certificate, NameServers(f"http://{orders}"), f"https://{management}"
            )


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not installed: apt-get install pebble"
    return found


def _free(address: str) -> int:
    with socket.socket() as s:
        s.bind((address, 0))
        return int(s.getsockname()[1])


def _await(place: str, process: Process) -> None:
    address, port = place.split(":")

    def listening() -> bool:
        with socket.socket() as s:
            return s.connect_ex((address, int(port))) == 0

    wait_until(listening, place, process)
