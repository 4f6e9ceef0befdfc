"""An installation's command line on a real MariaDB and a real broker with accounts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from enertrack.stores.broker.rights import SERVICES
from tests.support.mariadb import Database
from tests.support.mosquitto import Mosquitto
from tests.unit.test_cli import Done, enertrack


class Host:
    """An installation's command line."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.env = env

    def run(self, *arguments: str, told: str = "", **env: str) -> Done:
        return enertrack(self.folder, *arguments, told=told, **{**self.env, **env})

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever it says
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def set_up(self, **env: str) -> Done:
        return self.run("broker", "setup", "--credentials", str(self.folder / "credentials"), **env)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto.with_accounts(tmp_path_factory.mktemp("cuentas")) as server:
        yield server


@pytest.fixture
def host(mariadb_database: Database, broker: Mosquitto, tmp_path: Path) -> Host:
    user, password = broker.admin
    env = {
        **mariadb_database.environment,
        "INFLUX_URL": "http://127.0.0.1:1",
        "INFLUX_TOKEN": "t",
        "INFLUX_ORG": "o",
        "INFLUX_BUCKET": "b",
        "ENERTRACK_MQTT_HOST": "127.0.0.1",
        "ENERTRACK_MQTT_PUERTO": str(broker.port),
        "ENERTRACK_MQTT_USUARIO": user,
        "ENERTRACK_MQTT_CLAVE": password,
        "DOMINIO": "casa.example",
        "ENERTRACK_CUENTAS_BROKER": "dynsec",
    }
    for name in SERVICES:
        file = tmp_path / "credentials" / name.removeprefix("enertrack-") / "enertrack_mqtt_clave"
        file.parent.mkdir(parents=True)
        file.write_text(f"clave de {name}\n")
    made = Host(tmp_path, env)
    assert made.run("db", "upgrade").returncode == 0
    return made
