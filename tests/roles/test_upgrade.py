"""``playbooks/upgrade.yml``: to a next release with all that was there, or back by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from enertrack.stores.migration import head
from tests.roles.conftest import only
from tests.support import outside, releases
from tests.support.machine import Machine, Recap
from tests.support.processes import wait_until

pytestmark = pytest.mark.vm

NEXT = "90.0.0"


@dataclass(frozen=True)
class Seen:
    """What an installation is, as its operator sees it."""

    release: str
    revision: str
    failed: str
    files: str

    @classmethod
    def of(cls, machine: Machine) -> "Seen":
        files = "find /etc/enertrack /etc/systemd/system/enertrack* -type f | sort | xargs sha256sum"
        return cls(
            machine.run("basename $(readlink /opt/enertrack/current)").strip(),
            machine.run("enertrack db version").strip(),
            machine.run("systemctl --failed --no-legend"),
            machine.run(files),
        )


def upgraded_while_a_meter_sends(machine: Machine, playbook: Path, log: Path) -> Recap:
    """How an upgrade ended; whichever way, no reading is lost, others follow, and the user signs in as before."""
    outside.add_user(machine)
    meter = outside.Meter.enrolled(machine)
    with outside.sending(meter, log):
        wait_until(lambda: len(outside.stored_sequence(machine)) > 3, "readings before it")
        done = machine.playbook(playbook, plain=machine.suite == "bookworm", app_build=False)
        before = len(outside.stored_sequence(machine))
        wait_until(lambda: len(outside.stored_sequence(machine)) > before + 3, "readings after it")
    sent, stored = outside.Sent.of(log.read_text()), outside.stored_sequence(machine)
    assert sent.lost == 0
    assert stored == list(range(stored[0], stored[0] + len(stored)))
    assert sent.confirmed <= len(stored)
    with outside.signed_in(machine) as client:
        assert "Casa" in client.get("/").text
    return done


def test_the_next_release_takes_over_all_that_was_there(deployed: Machine, tmp_path: Path) -> None:
    before = Seen.of(deployed)
    playbook = releases.release(tmp_path / "next", NEXT)
    done = upgraded_while_a_meter_sends(deployed, playbook, tmp_path / "meter.log")
    assert done.failed == 0, done.output
    after = Seen.of(deployed)
    assert (after.release, after.revision, after.failed) == (NEXT, releases.REVISION, "")
    again = deployed.playbook(playbook, app_build=False)
    assert (again.changed, again.failed) == (0, 0), again.output

    older = deployed.playbook("upgrade")
    assert older.failed > 0
    assert "-e volver=true" in older.output
    site = deployed.playbook("site", "--tags", "app")
    assert site.failed > 0
    assert "playbooks/upgrade.yml" in site.output
    assert Seen.of(deployed) == after

    back = deployed.playbook("upgrade", volver=True)
    assert back.failed == 0, back.output
    last = Seen.of(deployed)
    assert (last.release, last.revision, last.failed) == (before.release, before.revision, "")


@pytest.mark.parametrize(
    ("suite", "broken"),
    [
        ("bookworm", releases.BROKEN_PAGES),
        ("bookworm", releases.BROKEN_COMMAND),
        ("trixie", releases.BROKEN_INGEST),
    ],
    ids=["bookworm-pages", "bookworm-command", "trixie-ingest"],
    indirect=["suite"],
)
def test_a_release_that_is_not_healthy_goes_back_by_itself(
    broken: Mapping[str, str], deployed: Machine, tmp_path: Path
) -> None:
    before = Seen.of(deployed)
    playbook = releases.release(tmp_path / "next", NEXT, broken)
    done = upgraded_while_a_meter_sends(deployed, playbook, tmp_path / "meter.log")
    assert done.failed > 0
    assert f"volvió la versión {before.release}" in done.output
    assert Seen.of(deployed) == before
    assert before.revision == head()
    assert deployed.run("test -e /opt/enertrack/before.tar || echo nothing") == "nothing\n"


@only("trixie")
def test_what_is_ill_is_mended_first(deployed: Machine, tmp_path: Path) -> None:
    before = Seen.of(deployed)
    deployed.run("systemctl stop influxdb")
    done = deployed.playbook(releases.release(tmp_path / "next", NEXT), app_build=False)
    assert done.failed > 0
    assert "primero arregle" in done.output
    assert deployed.run("ls /opt/enertrack/releases").split() == [before.release]
