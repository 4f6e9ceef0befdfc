"""The examination that is kept for the pages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from enertrack.domain.examination import Examination, Finding, State
from enertrack.stores.examination import keep, kept

FOUND = Examination(
    datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
    State.WARNING,
    {"disco": [Finding(State.WARNING, "queda poco", "se llenará", "agrande el disco")], "reloj": []},
)


def test_what_is_kept_is_read_again_by_anybody(tmp_path: Path) -> None:
    file = tmp_path / "doctor.json"
    keep(file, FOUND)
    assert kept(file) == FOUND
    assert file.stat().st_mode & 0o777 == 0o644
    assert [f.name for f in tmp_path.iterdir()] == ["doctor.json"]


@pytest.mark.parametrize("content", ["", "{", '{"momento":"ayer"}', "[]"])
def test_what_cannot_be_read_is_none(content: str, tmp_path: Path) -> None:
    file = tmp_path / "doctor.json"
    assert kept(file) is None
    file.write_text(content)
    assert kept(file) is None
