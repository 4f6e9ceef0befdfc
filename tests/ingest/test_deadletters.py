"""What is kept of messages that cannot be stored."""

import contextlib
import json
import logging
from pathlib import Path

import pytest

from enertrack.ingest.deadletters import DeadLetters
from enertrack.settings import SettingsError


def test_two_files_hold_the_newest(tmp_path: Path) -> None:
    with contextlib.closing(DeadLetters(tmp_path, max_bytes=1000)) as dead:
        for n in range(100):
            dead.keep("json", f"tema{n}", b"\xff\n\x7f")
        kept = [json.loads(x) for file in (dead.older, dead.path) for x in file.read_text("ascii").splitlines()]
        assert dead.older.stat().st_size + dead.path.stat().st_size < 2500
    assert [x["tema"] for x in kept] == [f"tema{n}" for n in range(100 - len(kept), 100)]
    assert kept[0]["cuerpo"] == "\\xff\n\x7f"


def test_a_full_disk_holds_nothing_up_and_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "rechazados.jsonl").symlink_to("/dev/full")
    with contextlib.closing(DeadLetters(tmp_path)) as dead:
        for _ in range(3):
            dead.keep("json", "tema", b"")
    assert [(r.levelno, r.__dict__["datos"]["motivo"]) for r in caplog.records] == [
        (logging.WARNING, "No space left on device")
    ]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "archivo").touch()
    with pytest.raises(SettingsError, match="ENERTRACK_DATOS"):
        DeadLetters(tmp_path / "archivo" / "datos")
