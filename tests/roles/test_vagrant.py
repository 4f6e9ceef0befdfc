"""The machine that ``vagrant up`` makes; what a hypervisor does with it cannot be tried here."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.machine import REPOSITORY

pytestmark = pytest.mark.vm


def validate(folder: Path, debian: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "ENERTRACK_DEBIAN": debian,
        "VAGRANT_HOME": str(folder),
        "VAGRANT_DOTFILE_PATH": str(folder / "m"),
    }
    command = ["vagrant", "validate", "--ignore-provider"]
    return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("debian", ["12", "13"])
def test_vagrant_takes_the_file(tmp_path: Path, debian: str) -> None:
    done = validate(tmp_path, debian)
    assert done.returncode == 0, done.stdout + done.stderr


def test_vagrant_knows_no_other_debian(tmp_path: Path) -> None:
    assert validate(tmp_path, "11").returncode != 0
