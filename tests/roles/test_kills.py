"""Each process and server is killed, again and again, while a meter sends."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import health, outside
from tests.support.machine import Machine

pytestmark = pytest.mark.vm

KILLS = 50
SEED = 4
HEALTHY_WITHIN_S = 10
KILL = "pid=$(systemctl show --value --property=MainPID {unit}); kill -9 $pid; while [ -d /proc/$pid ]; do :; done"
VICTIMS = ["mariadb", "influxdb", "mosquitto", "nginx", "enertrack-web", "enertrack-ingest", "fail2ban", "php*-fpm"]


def test_whatever_is_killed_comes_back_and_no_reading_is_lost(
    deployed: Machine, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outside.add_user(deployed)
    meter = outside.Meter.enrolled(deployed)
    deployed.push(Path(health.__file__), "/root/health.py")
    wanted = " ".join(f"'{victim}.service'" for victim in VICTIMS)
    found = deployed.run(f"systemctl list-units --no-legend --plain --state=active {wanted}").splitlines()
    units = [line.split()[0] for line in found]
    assert len(units) == len(VICTIMS)
    order = random.Random(SEED)
    took: list[float] = []
    with outside.sending(meter, tmp_path / "meter.log"):
        for unit in (order.choice(units) for _ in range(KILLS)):
            deployed.run(KILL.format(unit=unit))
            took.append(float(deployed.run(f"python3 /root/health.py {HEALTHY_WITHIN_S} {' '.join(units)}")))
    sent = outside.Sent.of((tmp_path / "meter.log").read_text())
    record_property(f"healthy again after a kill on {deployed.suite}, s at most", max(took))
    stored = outside.stored_sequence(deployed)
    assert sent.lost == 0
    assert sent.confirmed > 0
    assert stored == list(range(stored[0], stored[0] + len(stored)))
    assert sent.confirmed <= len(stored) <= sent.confirmed + sent.waiting
