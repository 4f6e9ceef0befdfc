"""A copy of one machine comes back on a new one of the other Debian version, and each week it is tried."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.roles.conftest import NewMachine, only
from tests.support.machine import Machine
from tests.support.outside import METER, STORED, Meter, add_user, signed_in
from tests.support.processes import wait_until

pytestmark = pytest.mark.vm

OWN = "EstadoSistema"
"""The one table that a running installation writes without being asked."""
HOURS = """
data = from(bucket: "enertrack") |> range(start: 0, stop: 2100-01-01T00:00:00Z)
  |> filter(fn: (r) => r._measurement == "medicion" and (r._field == "energia_wh" or r._field == "potencia"))
  |> keep(columns: ["_time", "_field", "_value", "nodo"])
data |> aggregateWindow(every: 1h, fn: count, createEmpty: false) |> yield(name: "count")
data |> aggregateWindow(every: 1h, fn: sum, createEmpty: false) |> yield(name: "sum")
"""
NOW = """
[Timer]
OnCalendar=
OnActiveSec=1
RandomizedDelaySec=0
"""


def rows(machine: Machine) -> dict[str, str]:
    """Number and checksum of each table's rows, in an order that no version chooses."""
    names = machine.run("mariadb -BN enertrack -e 'SHOW TABLES'").split()
    told = {name: machine.run(f"mariadb -BN enertrack -e 'SELECT * FROM {name}'").splitlines() for name in names}
    digests = {name: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() for name, lines in told.items()}
    return {name: f"{len(told[name])} {digests[name]}" for name in names if name != OWN}


def hours(machine: Machine) -> list[str]:
    """Count and sums of each meter and hour, asked of InfluxDB itself."""
    token = (machine.secrets / "influx_admin").read_text().strip()
    found = machine.run(f"python3 -c '{STORED}'", text=f"{token}\n{HOURS}").split()
    return sorted(line.split(",", 3)[3] for line in found if line.startswith(",") and "_value" not in line)


def report(machine: Machine, name: str) -> dict[str, str]:
    told: dict[str, str] = json.loads(machine.run(f"cat /var/lib/enertrack-backup/{name}.json"))
    return told


def doctor(machine: Machine, check: str) -> str:
    return " ".join(machine.run(f"enertrack doctor --only {check}", check=False).split())


def by_its_timer(machine: Machine, name: str) -> None:
    """Have a timer elapse now, and wait until what it starts has ended."""
    unit, folder = f"enertrack-{name}", f"/run/systemd/system/enertrack-{name}.timer.d"
    done = f"/var/lib/enertrack-backup/{name}.json"
    machine.run(f"mkdir -p {folder} && cat > {folder}/now.conf && rm -f {done}", text=NOW)
    machine.run(f"systemctl daemon-reload && systemctl restart {unit}.timer")
    wait_until(lambda: machine.run(f"test -s {done} && echo yes", check=False) == "yes\n", f"{unit} by its timer")


@only("bookworm")
def test_moving_house(deployed: Machine, other_suite: str, new_machine: NewMachine, tmp_path: Path) -> None:
    add_user(deployed)
    meter = Meter.enrolled(deployed)
    meter.replay_now()
    deployed.run("systemctl stop enertrack.target")
    saved = deployed.playbook("backup", plain=True, traer=str(tmp_path / "copias"))
    assert saved.failed == 0, saved.output
    before = rows(deployed), hours(deployed)
    assert before[1]
    assert report(deployed, "backup")["detalle"] in saved.output

    new = new_machine(other_suite)
    copies = str(tmp_path / "copias" / deployed.name)
    without = new.playbook("restore", desde=copies)
    assert without.failed
    assert "la clave de las copias" in without.output
    shutil.copytree(deployed.secrets, new.secrets, dirs_exist_ok=True)
    done = new.playbook("restore", plain=True, desde=copies)
    assert done.failed == 0, done.output[-20_000:]
    assert "igual a su manifiesto" in done.output
    assert (rows(new), hours(new)) == before
    with signed_in(new) as client:
        assert METER in client.get("/nodos/" + METER).text
    Meter(new, METER, meter.password).replay_now()

    assert "reemplazar=true" in new.run("enertrack restore", check=False)
    waits = "flock /var/lib/enertrack-backup/lock timeout 20 enertrack restore"
    assert new.run(f"{waits}; echo $?", check=False).splitlines()[-1] == "124"
    new.run("systemctl start enertrack-backup.service")
    assert report(new, "backup")["resultado"] == "bien"
    again = new.playbook("site")
    assert (again.changed, again.failed) == (0, 0), again.output


def test_copies_are_made_and_tried_by_their_timers_and_doctor_tells(deployed: Machine) -> None:
    for name, check in (("backup", "respaldo"), ("rehearsal", "ensayo")):
        by_its_timer(deployed, name)
        assert report(deployed, name)["resultado"] == "bien", report(deployed, name)
        assert report(deployed, name)["detalle"] in doctor(deployed, check)
        unit = f"enertrack-{name}.service"
        assert "SAFE" in deployed.run(f"systemd-analyze security --threshold=15 --no-pager {unit}")
    assert deployed.run("ls -A /var/lib/enertrack-backup").split() == ["backup.json", "lock", "rehearsal.json"]
    assert deployed.run("mariadb -BN -e \"SHOW DATABASES LIKE '%ensayo%'\"") == ""
    secret = (deployed.secrets / "restic").read_text().strip()
    assert secret not in deployed.run("journalctl --no-pager -o cat")
    deployed.run("mv /var/backups/enertrack/config /root/")
    deployed.run("systemctl start enertrack-backup.service", check=False)
    assert report(deployed, "backup")["resultado"] == "falla"
    assert "no hay ningún repositorio" in doctor(deployed, "respaldo")
