"""A real Mosquitto for the tests."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.support.processes import Process, free_port, listening, wait_until

LIMITS = """\
max_inflight_messages 10000
max_inflight_bytes 16777216
message_size_limit 16384
max_queued_messages 200000
max_queued_bytes 268435456
"""


class Mosquitto:
    """A broker on 127.0.0.1 with EnerTrack's limits; it can be killed, stopped and started on its port and folder."""

    admin = ("enertrack-admin", "clave de quien administra")

    def __init__(self, folder: Path, *, extra: str = "allow_anonymous true\n", limits: str = LIMITS) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = folder / "mosquitto.conf"
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\npersistence true\npersistence_location {folder}/\n"
            f"log_dest stdout\nuser {_me()}\n{limits}{extra}"
        )
        self.process = Process([_program(), "-c", self.config], folder / "mosquitto.log")
        self._await()

    @classmethod
    def with_accounts(cls, folder: Path) -> Self:
        """A broker of dynamic security on which only ``admin`` has an account."""
        state = folder / "dynamic-security.json"
        folder.mkdir(parents=True, exist_ok=True)
        control = shutil.which("mosquitto_ctrl")
        assert control, "mosquitto_ctrl is not installed: apt-get install mosquitto"
        subprocess.run([control, "dynsec", "init", state, *cls.admin], check=True, capture_output=True)
        (plugin,) = Path("/usr/lib").glob("*/mosquitto_dynamic_security.so")
        return cls(folder, extra=f"allow_anonymous false\nplugin {plugin}\nplugin_opt_config_file {state}\n")

    def start(self) -> None:
        """Start it again, with what it kept."""
        self.process.start()
        self._await()

    def stop(self) -> None:
        """Ask it to end; it writes its sessions to disk."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    def _await(self) -> None:
        wait_until(lambda: listening(self.port), "Mosquitto", self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _me() -> str:
    return "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")


def _program() -> str:
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert found, "Mosquitto is not installed: apt-get install mosquitto"
    return found


@pytest.fixture(scope="session")
def mosquitto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One broker for the whole run."""
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server
