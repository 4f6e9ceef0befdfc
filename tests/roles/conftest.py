"""Throw-away Debian machines: bare ones, and copies of one on which the whole installation has run once."""

import fcntl
import itertools
import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests.support import influxd
from tests.support.acme import AcmeAuthority, authority
from tests.support.machine import Machine, copy_controller, order

SUITES: Final = ("bookworm", "trixie")
DOMAIN: Final = "energia.example.test"
INSTALLED_NETWORKS: Final = range(200, 251)  # bare machines are given others
TIMEOUT_S: Final = 1800
KEEP: Final = os.environ.get("ENERTRACK_VM_KEEP")
NewMachine = Callable[..., Machine]


def only(suite: str) -> pytest.MarkDecorator:
    """What does not depend on Debian's version is tried on one of them: minutes on machines are dear."""
    return pytest.mark.parametrize("suite", [suite], indirect=True)


class BySuite(LoadScopeScheduling):
    """Tests of one Debian version run on one worker, one after the other; xdist's groups do not know pytest 9's ids."""

    def _split_scope(self, nodeid: str) -> str:
        return next((suite for suite in SUITES if f"[{suite}" in nodeid), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySuite:
    """Machines are given out by their Debian version."""
    return BySuite(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs on machines may take long."""
    for item in items:
        if "vm" in item.keywords:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S), append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests have measured."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session", params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """The Debian version under test; ``parametrize("suite", ["trixie"], indirect=True)`` chooses one."""
    return str(request.param)


@pytest.fixture(scope="session")
def other_suite(suite: str) -> str:
    """The other Debian version."""
    return SUITES[1 - SUITES.index(suite)]


def operator(machine: Machine, ca: AcmeAuthority) -> dict[str, Any]:
    """What the operator of a machine would write into the inventory."""
    return {
        "DOMINIO": DOMAIN,
        "EMAIL": "ana@example.test",
        "influxdb_binary": str(influxd.find()),
        "tls_acme_url": ca.directory_url,
        "tls_acme_ca": str(machine.acme_ca),
    }


def certify(machine: Machine, stack: ExitStack) -> None:
    """An authority for it as long as the stack is open, and what its operator would give."""
    ca = stack.enter_context(authority(machine.address, machine.gateway))
    machine.variables |= operator(machine, ca)
    machine.trust(ca)
    machine.publish()


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[NewMachine]:
    """Machines, as many as are asked for: ``new_machine("trixie")``, or from a layer."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def boot(suite: str, layer: str | None = None) -> Machine:
            machine = Machine(suite, tmp_path / f"machine{next(numbers)}", layer)
            stack.callback(machine.down)
            certify(machine, stack)
            return machine

        yield boot


@pytest.fixture
def bare(suite: str, new_machine: NewMachine) -> Machine:
    """A fresh machine."""
    return new_machine(suite)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that the workers of this run have in common; ENERTRACK_VM_KEEP names one that later runs use again."""
    if KEEP:
        Path(KEEP).mkdir(parents=True, exist_ok=True)
        return Path(KEEP)
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
    """What a finished installation left: a layer, its network, the controller's folder, and what the operator gave."""

    name: str
    network: int
    folder: str
    variables: dict[str, Any]
    output: str

    def boot(self, suite: str, folder: Path) -> Machine:
        """A copy of it, in the same network where that is free: so its authority finds it again."""
        copy_controller(Path(self.folder), folder)
        networks = [self.network, *INSTALLED_NETWORKS]
        return Machine(suite, folder, self.name, networks=networks, variables=dict(self.variables))


@pytest.fixture(scope="session")
def installed(suite: str, shared: Path, testrun_uid: str) -> Iterator[Layer]:
    """The installation of this run, made by the first who asks; the others wait. The last one removes it."""
    folder = shared / suite
    folder.mkdir(exist_ok=True)
    told = folder / "layer.json"
    with ExitStack() as stack:
        with locked(folder):
            if not told.exists():
                layer = install(suite, f"installed-{suite}-{testrun_uid[:8]}", folder, stack)
                told.write_text(json.dumps(asdict(layer)))
        yield Layer(**json.loads(told.read_text()))
    if KEEP:
        return
    with locked(folder):
        if told.exists() and order("forget", Layer(**json.loads(told.read_text())).name).returncode == 0:
            told.unlink()  # else another worker has a copy of it now


def install(suite: str, name: str, folder: Path, stack: ExitStack) -> Layer:
    """Run the whole installation on a bare machine, as loud as Ansible can, and freeze it; its authority stays."""
    networks = random.sample(INSTALLED_NETWORKS, len(INSTALLED_NETWORKS))
    machine = Machine(suite, folder / "controller", networks=networks)
    try:
        certify(machine, stack)
        recap = machine.playbook("site", "-vvv", plain=True)
        assert recap.failed == 0, recap.output[-20_000:]
        machine.freeze(name)
    finally:
        machine.down()
    return Layer(name, machine.network, str(machine.folder), machine.variables, recap.output)


@pytest.fixture
def deployed(suite: str, installed: Layer, tmp_path: Path) -> Iterator[Machine]:
    """A copy of the installed machine, the test's own."""
    machine = installed.boot(suite, tmp_path / "deployed")
    try:
        machine.publish()
        yield machine
    finally:
        machine.down()
