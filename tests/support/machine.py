"""A throw-away Debian machine (scripts/machine), and Ansible on it."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from tests.support.acme import AcmeAuthority

REPOSITORY: Final = Path(__file__).parents[2]
SCRIPT: Final = REPOSITORY / "scripts/machine"
Networks = Iterable[int]
_numbers = itertools.count()


def order(*arguments: str, networks: Networks = (), text: str | None = None) -> subprocess.CompletedProcess[str]:
    """What scripts/machine answers; ``networks`` are the numbers that a new machine may take, any where empty."""
    env = os.environ | ({"ENERTRACK_MACHINE_NET": " ".join(map(str, networks))} if networks else {})
    return subprocess.run([SCRIPT, *arguments], input=text or "", capture_output=True, text=True, check=False, env=env)


def demand(*arguments: str, networks: Networks = ()) -> str:
    """What it prints; an error where it fails."""
    if (done := order(*arguments, networks=networks)).returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout.strip()


@dataclass(frozen=True)
class Recap:
    """How a playbook ended, added up over its hosts; ``failed`` is not 0 where it did not end well."""

    changed: int
    failed: int
    output: str

    @classmethod
    def of(cls, output: str, exit_code: int) -> "Recap":
        """From what ansible-playbook prints."""
        totals = {
            word: sum(map(int, re.findall(rf"^\S+ +: ok=.*\b{word}=(\d+)", output, re.MULTILINE)))
            for word in ("changed", "failed", "unreachable")
        }
        return cls(totals["changed"], totals["failed"] + totals["unreachable"] or exit_code, output)


def mitogen() -> dict[str, str]:
    """What has Ansible run a playbook's tasks in one process on the machine, a quarter of the time of one for each."""
    strategies = distribution("mitogen").locate_file("ansible_mitogen/plugins/strategy")
    return {
        "ANSIBLE_STRATEGY": "mitogen_linear",
        "ANSIBLE_STRATEGY_PLUGINS": str(strategies),
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",  # else a host's is taken for the one that acts for it, too
        "ANSIBLE_HOST_KEY_CHECKING": "false",  # it does not read the inventory's options of ssh for this
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }


def play(inventory: Path, playbook: str | Path, *arguments: str, plain: bool = False, **variables: object) -> Recap:
    """Run ``playbooks/<name>.yml``, or the file given; ``plain`` by Ansible alone, as users do, else with Mitogen."""
    file = playbook if isinstance(playbook, Path) else REPOSITORY / f"playbooks/{playbook}.yml"
    program = Path(sys.executable).with_name("ansible-playbook")
    extra = ["--extra-vars", json.dumps(variables)] if variables else []
    with tempfile.TemporaryDirectory(prefix="et") as sockets:  # a connection of its own, none of a machine before
        env = os.environ | {"ANSIBLE_SSH_CONTROL_PATH_DIR": sockets, "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg")}
        env |= {} if plain else mitogen()
        done = subprocess.run(
            [program, "--inventory", inventory, file, *arguments, *extra],
            cwd=REPOSITORY,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        for socket in Path(sockets).iterdir():
            subprocess.run(["ssh", "-S", socket, "-O", "exit", "-"], capture_output=True, check=False)
    return Recap.of(done.stdout, done.returncode)


@dataclass
class Machine:
    """A running machine; ``folder`` is the controller's: its inventory and its secrets."""

    suite: str
    folder: Path
    layer: str | None = None
    networks: Networks = ()
    name: str = field(default_factory=lambda: f"t{os.getpid()}-{next(_numbers)}")
    variables: dict[str, Any] = field(default_factory=dict)
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        layer = ("--layer", self.layer) if self.layer else ()
        self.address = demand("up", self.name, self.suite, *layer, networks=self.networks).split()[-1]

    @property
    def gateway(self) -> str:
        """The address of this computer as the machine sees it."""
        return self.address.removesuffix(".2") + ".1"

    @property
    def network(self) -> int:
        """The number of its network."""
        return int(self.address.split(".")[2])

    @property
    def secrets(self) -> Path:
        """Where the controller keeps what it has generated for this machine."""
        return self.folder / "secrets"

    @property
    def inventory(self) -> Path:
        """Its inventory: everything on this one machine."""
        return write_inventory(self.folder / "inventory.yml", {"enertrack": [self]}, **self.variables)

    @property
    def root(self) -> Path:
        """The root of the certificates that its authority issues (PEM)."""
        return self.folder / "root.pem"

    @property
    def acme_ca(self) -> Path:
        """What vouches for its authority's own https (PEM)."""
        return self.folder / "acme-ca.pem"

    def trust(self, ca: AcmeAuthority) -> None:
        """Have it trust the certificates of an authority, as all the world does."""
        self.root.write_text(ca.issuing_root())
        self.acme_ca.write_bytes(ca.ca_file.read_bytes())
        self.push(self.root, "/usr/local/share/ca-certificates/acme.crt")
        self.run("update-ca-certificates")

    def publish(self) -> None:
        """Have its name lead to it, as the public name servers would."""
        self.run(f"echo '{self.address} {self.variables['DOMINIO']}' >> /etc/hosts")

    def run(self, command: str, *, check: bool = True, text: str | None = None) -> str:
        """What a command of root's shell prints, ``text`` being its input; fails where it does, unless told not to."""
        done = order("ssh", self.name, command, text=text)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if check else done.stdout + done.stderr

    def push(self, local: Path, remote: str) -> None:
        """Copy a file onto it."""
        self.run(f"base64 -d > '{remote}'", text=_base64(local))

    def playbook(self, name: str | Path, *arguments: str, plain: bool = False, **variables: object) -> Recap:
        """Run a playbook on it, with the controller's secrets in ``secrets``."""
        return play(self.inventory, name, *arguments, plain=plain, **variables)

    def reboot(self) -> None:
        """Restart it, and wait until systemd says that it is up."""
        demand("reboot", self.name)

    def freeze(self, layer: str) -> None:
        """End it and keep what is on it, for others to start from."""
        demand("freeze", self.name, layer)

    def down(self) -> None:
        """End it without a trace."""
        demand("down", self.name)


def _base64(file: Path) -> str:
    return subprocess.run(["base64", file], capture_output=True, text=True, check=True).stdout


def write_inventory(file: Path, groups: Mapping[str, Sequence[Machine]], **variables: object) -> Path:
    """An inventory (JSON is YAML) of machines by group, with the controller's secrets beside it."""
    hosts = {machine.name: host(machine) for machines in groups.values() for machine in machines}
    given = {"enertrack_secrets": str(file.parent / "secrets")} | variables
    children = {
        group: {"hosts": dict.fromkeys(machine.name for machine in members)} for group, members in groups.items()
    }
    file.write_text(json.dumps({"all": {"hosts": hosts, "children": children, "vars": given}}, indent=1))
    return file


def host(machine: Machine) -> dict[str, str]:
    """How Ansible reaches it."""
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    cache = Path(os.environ.get("ENERTRACK_CACHE") or Path.home() / ".cache/enertrack")
    return {
        "ansible_host": machine.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(cache / "machines/key"),
        "ansible_ssh_common_args": options,
    }


@contextmanager
def elsewhere() -> Iterator[str]:
    """The network namespace of another computer, which does not see machines come and go as this one does."""
    name = f"v{os.getpid()}-{next(_numbers)}"
    demand("visitor", name)
    try:
        yield f"enertrack-{name}"
    finally:
        demand("down", name)


def copy_controller(source: Path, target: Path) -> None:
    """What the controller has for a machine, for a copy of that machine."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("inventory.yml"))
