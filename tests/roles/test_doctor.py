"""``enertrack doctor`` on an installed machine: all is well, and each thing that breaks is named with its mend."""

import subprocess
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import pytest

from enertrack.domain.examination import Examination, Finding, State
from enertrack.stores.migration import head
from tests.roles.conftest import DOMAIN, only
from tests.support.authority import Authority, Certificate
from tests.support.machine import Machine
from tests.support.processes import wait_until

pytestmark = pytest.mark.vm

KEPT = "/var/lib/enertrack-doctor/doctor.json"
REVISION = "mariadb enertrack -e \"UPDATE alembic_version SET version_num = '{}'\""


class Break(NamedTuple):
    """What is done to a machine, how it is undone, and what the doctor says in between."""

    order: str
    undo: str
    check: str
    found: str
    mend: str

    @classmethod
    def stopped(cls, unit: str, check: str, found: str) -> Self:
        """A unit that does not run."""
        return cls(f"systemctl stop {unit}", f"systemctl start {unit}", check, found, f"systemctl restart {unit}")


BREAKS = [
    Break.stopped("mosquitto", "broker", "no se puede usar el broker"),
    Break.stopped("mosquitto", "puertos", "puerto 8883: nadie responde"),
    Break.stopped("enertrack-ingest", "ingesta", "enertrack-ingest no contesta"),
    Break.stopped("enertrack-backup.timer", "servicios", "enertrack-backup.timer está detenido"),
    Break.stopped("nginx", "puertos", "puerto 443: nadie responde"),
    Break.stopped("influxdb", "mediciones", "InfluxDB no responde"),
    Break.stopped("mariadb", "tablas", "no se puede usar la base de datos"),
    Break(
        "systemctl stop enertrack-web.socket enertrack-web.service",
        "systemctl start enertrack-web.socket enertrack-web.service",
        "paginas",
        "enertrack-web no contesta",
        "systemctl restart enertrack-web",
    ),
    Break(
        "systemd-run --wait --unit enertrack-prueba false || true",
        "systemctl reset-failed enertrack-prueba",
        "servicios",
        "enertrack-prueba.service falló",
        "journalctl -u enertrack-prueba.service",
    ),
    Break(REVISION.format("futura"), REVISION.format(head()), "tablas", "revisión futura,", "playbooks/upgrade.yml"),
    Break(
        "systemd-run --unit hueco python3 -m http.server 8006",
        "systemctl stop hueco",
        "puertos",
        "el puerto 8006 (enertrack-web) escucha en todas las direcciones",
        "playbooks/site.yml",
    ),
    Break(
        "mount -t tmpfs -o size=1M lleno /var/backups/enertrack && head -c 950K /dev/zero > /var/backups/enertrack/x",
        "umount /var/backups/enertrack",
        "disco",
        "/var/backups/enertrack: ",
        "agrande el disco",
    ),
    Break(
        f"cp /etc/hosts /etc/hosts.old && sed -i /{DOMAIN}/d /etc/hosts.old && mount --bind /etc/hosts.old /etc/hosts",
        "umount /etc/hosts",
        "nombres",
        DOMAIN,
        "DNS",
    ),
]


def examined(machine: Machine) -> Examination:
    """What the doctor says to root."""
    return msgspec.json.decode(machine.run("enertrack doctor --json || [ $? = 1 ]"), type=Examination)


def failures(examination: Examination) -> list[Finding]:
    return [f for findings in examination.controles.values() for f in findings if f.estado is State.FAILURE]


def await_health(machine: Machine) -> None:
    told: list[Finding] = []

    def healthy() -> bool:
        told[:] = failures(examined(machine))
        return not told

    try:
        wait_until(healthy, "a healthy installation")
    except AssertionError as error:
        raise AssertionError(told) from error


def test_a_new_installation_is_well(deployed: Machine) -> None:
    await_health(deployed)
    deployed.run("systemctl start enertrack-doctor")
    kept = msgspec.json.decode(deployed.run(f"cat {KEPT}"), type=Examination)
    assert failures(kept) == []
    assert {name for name, findings in kept.controles.items() if findings[0].estado is State.NOT_HERE} == set()
    assert kept.controles.keys() == examined(deployed).controles.keys()
    shown = deployed.run("enertrack doctor")
    assert max(map(len, shown.splitlines())) <= 80
    deployed.run("systemctl start enertrack-certificates")


def test_what_breaks_is_named_with_its_mend(deployed: Machine) -> None:
    await_health(deployed)
    for broken in BREAKS:

        def named(broken: Break = broken) -> bool:
            ill = [f for f in examined(deployed).controles[broken.check] if f.estado is State.FAILURE]
            return any(broken.found in f.hallado and broken.mend in f.arreglo and f.significa for f in ill)

        deployed.run(broken.order)
        wait_until(named, f"{broken.check}: {broken.found}")
        deployed.run(broken.undo)
    await_health(deployed)


@only("bookworm")
def test_verify_says_what_is_wrong_in_a_persons_words_and_changes_nothing(deployed: Machine) -> None:
    await_health(deployed)
    deployed.run("systemctl stop enertrack-ingest")
    done = deployed.playbook("verify")
    assert (done.changed, done.failed) == (0, 1), done.output
    assert "FALLA  ingesta" in done.output
    assert "Arreglo: `systemctl restart enertrack-ingest`" in done.output


def serve(machine: Machine, pair: Certificate) -> None:
    """Have the machine show a certificate on both its ports."""
    for folder in ("/etc/enertrack/tls", "/etc/mosquitto/certs"):
        for file, name in ((pair.certificate, "fullchain"), (pair.key, "privkey")):
            machine.push(file, f"{folder}/{name}.pem")
    machine.run("systemctl reload nginx; systemctl kill --signal HUP mosquitto")


def certificates(machine: Machine) -> list[str]:
    return [f.hallado for f in examined(machine).controles["certificados"] if f.estado is State.FAILURE]


@only("trixie")
def test_the_certificate_that_is_served_is_the_one_that_counts(deployed: Machine, tmp_path: Path) -> None:
    await_health(deployed)
    authority = Authority(tmp_path)
    serve(deployed, authority.issue(f"DNS:{DOMAIN}"))
    wait_until(lambda: len(certificates(deployed)) == 2, "a certificate that nobody vouches for")
    assert (
        deployed.run("systemctl start enertrack-certificates || systemctl is-failed enertrack-certificates")
        == "failed\n"
    )

    deployed.push(authority.certificate, "/usr/local/share/ca-certificates/another.crt")
    deployed.run("update-ca-certificates")
    assert [told.partition(": ")[2] for told in certificates(deployed)] == ["vence en 1 días"] * 2

    own = Certificate(tmp_path / "own.pem", tmp_path / "own.key")
    order = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        f"/CN={DOMAIN}",
    ]
    subprocess.run([*order, "-keyout", own.key, "-out", own.certificate], check=True, capture_output=True)
    serve(deployed, own)
    wait_until(lambda: all("provisional" in told for told in certificates(deployed)), "the placeholder")
