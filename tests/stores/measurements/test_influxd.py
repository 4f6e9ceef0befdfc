"""Which ``influxd`` the tests run on."""

from pathlib import Path

import pytest

from tests.support import influxd


def program(folder: Path, told: str) -> Path:
    path = folder / "influxd"
    path.write_text(f"#!/bin/sh\necho '{told}'\n")
    path.chmod(0o755)
    return path


def test_debians_influxd_of_the_same_name_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = influxd.find()
    debians = program(tmp_path, "InfluxDB v1.6.7~rc0 (git: unknown unknown)")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert influxd.major(debians) == 1
    assert influxd.find() == ours


def test_a_v2_on_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendors = program(tmp_path, "InfluxDB v2.9.1 (git: d5c7b5b) build_date: 2026-06-01T00:00:00Z")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert influxd.find() == vendors


def test_what_is_missing_for_the_build_is_named_with_its_mend(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "sed", "grep", "dirname"):
        (tools / tool).symlink_to(Path("/usr/bin") / tool)
    done = influxd.build(tmp_path / "target", {"PATH": str(tools)})
    assert done.returncode == 1
    assert "'go' is missing" in done.stderr
    assert "Install Go" in done.stderr
