"""The units as systemd itself judges them (Debian's, on this machine)."""

import re
import subprocess
from pathlib import Path

import pytest

from enertrack.settings import Settings

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = sorted(p for p in FOLDER.iterdir() if p.is_file())
SERVICES = [p for p in UNITS if p.name.startswith("enertrack-") and p.suffix == ".service"]
PROCESSES = [p for p in SERVICES if "\nType=notify\n" in p.read_text()]
WORST = "15"
"""Tenths of exposure: 1.5 at most."""


def names(units: list[Path]) -> list[str]:
    return [u.name for u in units]


def judged(*arguments: str | Path) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_units_are_as_systemd_wants_them(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(r"^(Exec\w+=[-+!:@]*)/\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    told = judged("verify", "--man=no", "--recursive-errors=no", *(tmp_path / u.name for u in UNITS))
    assert not told


@pytest.mark.parametrize("unit", SERVICES, ids=names(SERVICES))
def test_a_service_is_hardly_exposed(unit: Path) -> None:
    judged("security", "--offline=true", "--no-pager", f"--threshold={WORST}", unit)


@pytest.mark.parametrize("unit", PROCESSES, ids=names(PROCESSES))
def test_a_process_is_given_its_own_secrets_only(unit: Path) -> None:
    text = unit.read_text()
    process = unit.stem.removeprefix("enertrack-")
    assert f"\nUser=enertrack-{process}\n" in text
    given = re.findall(r"^LoadCredential=(\w+):(\S+)$", text, re.MULTILINE)
    assert len(given) == text.count("LoadCredential")
    for name, path in given:
        assert path == f"/etc/enertrack/credentials/{process}/{name}"
        assert "SecretStr" in str(Settings.model_fields[name].annotation)


@pytest.mark.parametrize("unit", PROCESSES, ids=names(PROCESSES))
def test_a_process_comes_back_whatever_happens(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert {"Restart=always", "StartLimitIntervalSec=0", "PartOf=enertrack.target", "WantedBy=enertrack.target"} <= {
        *lines
    }
    assert {"WatchdogSec", "MemoryMax", "UMask", "StateDirectory"} <= {line.partition("=")[0] for line in lines}
