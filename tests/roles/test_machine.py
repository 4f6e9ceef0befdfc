"""The machines that the other tests stand on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles.conftest import NewMachine, only
from tests.support.machine import Machine, elsewhere, order

pytestmark = [pytest.mark.vm, only("trixie")]

PLAY = """
- hosts: all
  tasks:
    - ansible.builtin.copy: {content: "{{ DOMINIO }}", dest: /root/dominio, mode: "0600"}
    - ansible.builtin.command: {argv: ["false"]}
      when: spoil | default(false)
"""


def trace(name: str, network: int) -> str:
    """All that tells of a machine on this computer."""
    looks = ["ip netns", "ip -o address", "ip route", "nft list tables", "ps -eo args", "mount"]
    seen = [line for look in looks for line in subprocess.check_output(look.split(), text=True).splitlines()]
    seen += [str(path) for path in Path("/sys/fs/cgroup").rglob("enertrack-*")]
    words = (f"{name}/", f"enertrack-{name}", f"entk{network}")
    return "\n".join(line for line in seen if any(word in line for word in words))


def test_playbook_tells_what_it_changed(bare: Machine, tmp_path: Path) -> None:
    file = tmp_path / "play.yml"
    file.write_text(PLAY)
    assert bare.playbook(file).changed == 1
    assert bare.run("cat /root/dominio") == "energia.example.test"
    again = bare.playbook(file)
    assert (again.changed, again.failed) == (0, 0)
    assert bare.playbook(file, spoil=True).failed == 1


def test_machine_that_is_down_leaves_nothing(bare: Machine) -> None:
    assert trace(bare.name, bare.network)
    bare.down()
    assert trace(bare.name, bare.network) == ""


def test_visitor_reaches_a_machine_and_leaves_nothing(bare: Machine) -> None:
    with elsewhere() as namespace:
        knock = ["ip", "netns", "exec", namespace, "bash", "-c", f": < /dev/tcp/{bare.address}/22"]
        assert subprocess.run(knock, check=False).returncode == 0
        assert namespace in subprocess.check_output(["ip", "netns"], text=True)
    assert namespace not in subprocess.check_output(["ip", "netns"], text=True)


def test_reboot_is_a_new_boot_with_the_same_disk(bare: Machine) -> None:
    bare.run("touch /root/kept /run/gone")
    bare.reboot()
    assert bare.run("ls -d /root/kept /run/gone 2>/dev/null || true") == "/root/kept\n"
    assert bare.run("systemctl --failed --no-legend") == ""


@pytest.fixture
def layer(suite: str) -> Iterator[str]:
    """The name of a layer that is gone after the test."""
    name = f"layer-{suite}-{os.getpid()}"
    yield name
    assert order("forget", name).returncode == 0


def test_layer_outlives_its_machine_and_stays_as_it_is(
    layer: str, suite: str, bare: Machine, new_machine: NewMachine
) -> None:
    bare.run("echo one > /root/file")
    bare.freeze(layer)
    first = new_machine(suite, layer)
    first.run("echo two > /root/file")
    assert order("forget", layer).returncode == 1
    first.down()
    assert new_machine(suite, layer).run("cat /root/file") == "one\n"


def test_what_a_person_gets_wrong_is_told(suite: str) -> None:
    assert "inexistente" in order("up", "x", suite, "--layer", "inexistente").stderr
    assert "woody" in order("up", "x", "woody").stderr
    assert "x" in order("inventory", "x").stderr
    assert order("nada").returncode == 2
