"""Role base: the rules of the firewall, as nft itself reads them; no machine is needed."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.rendering import rendered

SSHD = "port 22\nlistenaddress [::]:2200 rdomain casa\nlistenaddress 0.0.0.0:2222\naddressfamily any"
PORTS = {"base_ssh_ports": ["22"], "base_ports": [80, 443, 8883], "base_mqtts_port": 8883}
STORES = {"base_ssh_ports": ["22", "2222"], "base_peers": ["192.0.2.7", "2001:db8::7"], "base_peer_ports": [3306, 8086]}


@pytest.mark.parametrize("given", [PORTS, STORES, PORTS | STORES])
def test_rules_are_what_nft_takes(tmp_path: Path, given: dict[str, Any]) -> None:
    rendered("base", "nftables.conf.j2", tmp_path, **given)
    file = tmp_path / "nftables.conf"
    done = subprocess.run(["/usr/sbin/nft", "-c", "-f", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_what_was_asked_for_is_open(tmp_path: Path) -> None:
    text = rendered("base", "nftables.conf.j2", tmp_path, **STORES)
    opened = [line.strip() for line in text.splitlines() if "dport" in line]
    assert opened == [
        "ip6 saddr fe80::/10 udp dport 546 accept",
        "tcp dport { 22, 2222 } jump ssh",
        "ip saddr 192.0.2.7 tcp dport { 3306, 8086 } accept",
        "ip6 saddr 2001:db8::7 tcp dport { 3306, 8086 } accept",
    ]
    assert "policy drop" in text
    assert "flush ruleset" not in text


@pytest.mark.parametrize(
    ("came", "ports"), [("", "2200, 2222"), ("192.0.2.9 50000 192.0.2.1 2022", "2022, 2200, 2222")]
)
def test_ssh_is_open_where_sshd_listens_and_where_we_came_in(tmp_path: Path, came: str, ports: str) -> None:
    told = {"base_sshd": {"stdout": SSHD}, "base_came": {"stdout": came}}
    assert f"tcp dport {{ {ports} }} jump ssh" in rendered("base", "nftables.conf.j2", tmp_path, **told)


@pytest.mark.parametrize("system", ["Debian", "Ubuntu"])
def test_upgrades_are_of_security_alone(tmp_path: Path, system: str) -> None:
    text = rendered("base", "upgrades.conf.j2", tmp_path, ansible_facts={"distribution": system})
    origins = [line for line in text.splitlines() if "origin=" in line]
    assert len(origins) == 1
    assert f"origin={system}," in origins[0]
    assert "security" in origins[0]
    done = subprocess.run(["apt-config", "-c", tmp_path / "upgrades.conf", "dump"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_address_of_the_installation_is_never_banned(tmp_path: Path) -> None:
    text = rendered("base", "jail.local.j2", tmp_path, **(PORTS | STORES))
    assert "ignoreip = 127.0.0.0/8 ::1 192.0.2.7 2001:db8::7" in text
    assert json.loads("[" + text.split("[enertrack-mosquitto]")[1].split("port = ")[1].split("\n")[0] + "]") == [8883]


def test_meters_behind_one_address_are_no_guesser(tmp_path: Path) -> None:
    text = rendered("base", "jail.local.j2", tmp_path, **PORTS)
    jail = dict(line.split(" = ", 1) for line in text.split("[enertrack-mosquitto]")[1].splitlines() if " = " in line)
    assert int(jail["maxretry"]) >= 5 * 60 // 3  # five meters without an account, each asking every 3 s
    assert (jail["findtime"], jail["bantime.increment"]) == ("1m", "false")
    assert "ct state new" in jail["banaction"]
