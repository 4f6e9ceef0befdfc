"""The whole installation: tried out, run again, and started again."""

import re

import pytest

from tests.roles.conftest import only
from tests.support.machine import Machine

pytestmark = pytest.mark.vm

SERVICES = [
    "mariadb.service",
    "influxdb.service",
    "mosquitto.service",
    "nginx.service",
    "fail2ban.service",
    "nftables.service",
    "enertrack.target",
    "enertrack-web.service",
    "enertrack-ingest.service",
    "certbot.timer",
    "enertrack-backup.timer",
    "enertrack-rehearsal.timer",
    "enertrack-certificates.timer",
    "enertrack-reconcile.timer",
]


def test_a_bare_machine_can_be_checked_without_touching_it(bare: Machine) -> None:
    done = bare.playbook("site", "--check", plain=True)
    assert done.failed == 0, done.output
    assert bare.run("test -e /etc/enertrack || echo untouched") == "untouched\n"


def test_running_it_again_changes_nothing_and_all_holds(deployed: Machine) -> None:
    again = deployed.playbook("site", plain=True)
    assert (again.changed, again.failed) == (0, 0), again.output
    tried = deployed.playbook("site", "--check")
    assert (tried.changed, tried.failed) == (0, 0), tried.output


def test_after_a_reboot_everything_is_up(deployed: Machine) -> None:
    deployed.reboot()
    down = [unit for unit in SERVICES if deployed.run(f"systemctl is-active {unit}", check=False).strip() != "active"]
    assert down == []
    assert deployed.run("systemctl --failed --no-legend") == ""
    done = deployed.playbook("verify")
    assert (done.changed, done.failed) == (0, 0), done.output


@only("bookworm")
def test_what_a_failed_run_has_changed_takes_effect(deployed: Machine) -> None:
    folder = "/etc/fail2ban/action.d"
    deployed.run(f"mv {folder} /root/ && touch {folder}")
    failed = deployed.playbook("site", "--tags", "base", base_ports=[80, 443, 8883, 8444])
    assert failed.failed > 0
    assert "8444" in deployed.run("nft list ruleset")
    deployed.run(f"rm {folder} && mv /root/action.d {folder} && systemctl stop mariadb")
    failed = deployed.playbook("site", "--tags", "app", TZ="Europe/Madrid")
    assert failed.failed > 0
    deployed.run("systemctl start mariadb")
    done = deployed.playbook("site", "--tags", "app", TZ="Europe/Madrid")
    assert done.failed == 0, done.output
    for process in ("web", "ingest"):
        pid = deployed.run(f"systemctl show --property=MainPID --value enertrack-{process}").strip()
        assert "TZ=Europe/Madrid" in deployed.run(f"cat /proc/{pid}/environ").split("\0")
    assert deployed.run("ls -A /opt/enertrack").split() == ["current", "releases"]


@only("trixie")
def test_what_a_run_wrote_before_it_was_broken_off_takes_effect(deployed: Machine) -> None:
    deployed.run("nft delete table inet enertrack && touch /run/enertrack-base.unfinished")  # the rules never loaded
    deployed.run("touch /run/enertrack-mariadb.unfinished")
    since = deployed.run("systemctl show --property=InvocationID mariadb")
    done = deployed.playbook("site", "--tags", "base,mariadb")
    assert done.failed == 0, done.output
    assert "dport 8883" in deployed.run("nft list table inet enertrack")
    assert deployed.run("systemctl show --property=InvocationID mariadb") != since
    assert deployed.run("find /run -maxdepth 1 -name '*.unfinished'") == ""
    again = deployed.playbook("site", "--tags", "base,mariadb")
    assert (again.changed, again.failed) == (0, 0), again.output


@only("trixie")
def test_keys_that_are_gone_here_are_fetched_from_the_machine_and_not_made_anew(deployed: Machine) -> None:
    gone = {name: (deployed.secrets / name).read_text().strip() for name in ("restic", "fernet", "mqtt_admin")}
    for name in gone:
        (deployed.secrets / name).unlink()
    refused = deployed.playbook("site")
    assert refused.failed
    told = dict(re.findall(r"Falta \S+/(\w+), .*? en el servidor `([^`]+)`", " ".join(refused.output.split())))
    assert {name: deployed.run(command).strip() for name, command in told.items()} == gone
    assert not any((deployed.secrets / name).exists() for name in gone)
