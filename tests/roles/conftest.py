"""Throw-away Debian machines: bare ones, and copies of one on which the whole installation has run once."""

import fcntl
import itertools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support import influxd
from tests.support.machine import Machine, copy_controller, order

SUITES: Final = ("bookworm", "trixie")
DOMAIN: Final = "energia.example.test"
DEPLOYED_NETWORKS: Final = range(200, 251)  # bare machines are given others
TIMEOUT_S: Final = 1800
NewMachine = Callable[..., Machine]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one Debian version run on one worker, one after the other, and may take long."""
    for item in items:
        if "vm" in item.keywords:
            suite = getattr(item, "callspec", None) and item.callspec.params.get("suite")  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group(suite or "any"))
            item.add_marker(pytest.mark.timeout(TIMEOUT_S), append=False)


@pytest.fixture(scope="session", params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """The Debian version under test; ``parametrize("suite", ["trixie"], indirect=True)`` chooses one."""
    return str(request.param)


@pytest.fixture(scope="session")
def other_suite(suite: str) -> str:
    """The other Debian version."""
    return SUITES[1 - SUITES.index(suite)]


def variables() -> dict[str, object]:
    """What the operator would write into the inventory."""
    return {"DOMINIO": DOMAIN, "EMAIL": "ana@example.test", "influxdb_binary": str(influxd.find())}


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[NewMachine]:
    """Machines, as many as are asked for: ``new_machine("trixie")``, or from a layer."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def boot(suite: str, layer: str | None = None) -> Machine:
            folder = tmp_path / f"machine{next(numbers)}"
            machine = Machine(suite, folder, layer, variables=variables())
            stack.callback(machine.down)
            return machine

        yield boot


@pytest.fixture
def bare(suite: str, new_machine: NewMachine) -> Machine:
    """A fresh machine."""
    return new_machine(suite)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that the workers of this run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one worker at a time is inside."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Layer:
    """What a finished installation left: a layer, its network number, and the controller's folder."""

    name: str
    network: int
    folder: str


@pytest.fixture(scope="session")
def installed(suite: str, shared: Path, testrun_uid: str) -> Iterator[Layer]:
    """The installation of this run, made by the first who asks; the others wait. The last one removes it."""
    folder = shared / suite
    folder.mkdir(exist_ok=True)
    told = folder / "layer.json"
    with locked(folder):
        if not told.exists():
            told.write_text(json.dumps(asdict(install(suite, f"installed-{suite}-{testrun_uid[:8]}", folder))))
        layer = Layer(**json.loads(told.read_text()))
    yield layer
    with locked(folder):
        if order("forget", layer.name).returncode == 0:  # else another worker has a copy of it now
            told.unlink(missing_ok=True)


def install(suite: str, layer: str, folder: Path) -> Layer:
    """Run the whole installation on a bare machine and freeze it."""
    networks = random.sample(DEPLOYED_NETWORKS, len(DEPLOYED_NETWORKS))
    machine = Machine(suite, folder / "controller", networks=networks, variables=variables())
    try:
        recap = machine.playbook("site")
        assert recap.failed == 0, recap.output
        machine.freeze(layer)
    finally:
        machine.down()
    return Layer(layer, machine.network, str(machine.folder))


@pytest.fixture
def deployed(suite: str, installed: Layer, tmp_path: Path) -> Iterator[Machine]:
    """A copy of the installed machine, the test's own, in the same network where that is free."""
    folder = tmp_path / "deployed"
    copy_controller(Path(installed.folder), folder)
    networks = [installed.network, *DEPLOYED_NETWORKS]
    machine = Machine(suite, folder, layer=installed.name, networks=networks, variables=variables())
    yield machine
    machine.down()
