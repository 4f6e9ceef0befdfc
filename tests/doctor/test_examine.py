"""All checks together, and how they are told."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from enertrack.doctor import examine as room
from enertrack.doctor.finding import Place, failure, not_here, warning, well
from enertrack.doctor.report import WIDTH, changes, text
from enertrack.domain.examination import Examination, Finding, State, worst
from enertrack.domain.text import text as _
from enertrack.stores.examination import kept
from tests.doctor.conftest import NOW, MakePlace


async def test_a_check_that_breaks_or_hangs_is_a_finding_and_hides_no_other(
    place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_place: Place) -> list[Finding]:
        message = "ay"
        raise ValueError(message)

    async def hangs(_place: Place) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def works(_place: Place) -> list[Finding]:
        return [well(_("sí"))]

    monkeypatch.setattr(room, "CHECKS", {"a": breaks, "b": hangs, "c": works})
    monkeypatch.setattr(room, "LIMIT_S", 0.01)
    found = await room.examine(place())
    assert [f.estado for name in "abc" for f in found.controles[name]] == [State.FAILURE, State.FAILURE, State.WELL]
    assert "ValueError: ay" in found.controles["a"][0].hallado
    assert found.estado is State.FAILURE


@pytest.mark.parametrize(
    ("findings", "state"),
    [
        ([well(_("a")), warning(_("b"), _("c"), _("d")), not_here(_("e"))], State.WARNING),
        ([failure(_("a"), _("b"), _("c")), well(_("d"))], State.FAILURE),
        ([not_here(_("a")), well(_("b"))], State.WELL),
        ([], State.NOT_HERE),
    ],
)
def test_the_worst_decides(findings: list[Finding], state: State) -> None:
    assert worst(findings) is state


def test_failures_come_first_with_their_mend_and_fit_a_terminal() -> None:
    long = "una explicación que no cabe en una línea de terminal porque tiene demasiadas palabras seguidas " * 2
    controls = {"disco": [well(_("bien"))], "broker": [failure(_("cae"), _(long), _("`systemctl restart mosquitto`"))]}
    told = text(Examination(NOW, State.FAILURE, controls))
    lines = told.splitlines()
    assert lines[0].startswith("FALLA  broker")
    assert max(map(len, lines)) <= WIDTH
    assert told.index("Arreglo: `systemctl") < told.index("bien   disco")
    assert lines[-1] == "2 controles: 1 falla, 1 bien."


def examination(**controls: list[Finding]) -> Examination:
    return Examination(NOW, State.WELL, controls)


def test_only_what_changes_is_told_again() -> None:
    ill, other = warning(_("A calla"), _("b"), _("c")), warning(_("B calla"), _("b"), _("c"))
    well_ = well(_("bien"))
    healthy = examination(medidores=[well_], reloj=[well_])
    one = examination(medidores=[ill], reloj=[well_])
    two = examination(medidores=[ill, other], reloj=[not_here(_("d"))])
    assert list(changes(None, healthy)) == list(changes(healthy, healthy)) == list(changes(one, one)) == []
    assert list(changes(None, one)) == list(changes(healthy, one)) == [("medidores", ill)]
    assert list(changes(one, two)) == [("medidores", ill), ("medidores", other)]
    assert list(changes(two, healthy)) == [("medidores", well_)]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "ENERTRACK_DATOS": str(folder)}
    command = [sys.executable, "-m", "enertrack.cli", "doctor", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=folder)


def test_the_command_tells_by_its_code_and_keeps_its_result(tmp_path: Path) -> None:
    well_ = run(tmp_path, "--only", "memoria", "--json", "--save", str(tmp_path / "d.json"))
    assert (well_.returncode, well_.stderr) == (0, "")
    told = json.loads(well_.stdout)
    assert told == json.loads((tmp_path / "d.json").read_text())
    assert list(told) == ["momento", "estado", "controles"]
    assert list(told["controles"]) == ["memoria"]
    assert kept(tmp_path / "d.json") == msgspec.convert(told, Examination)
    (tmp_path / "enertrack.db").touch()
    ill = run(tmp_path, "--only", "tablas", "--save", str(tmp_path / "d.json"))
    assert (ill.returncode, "enertrack db upgrade" in ill.stdout) == (1, True)
    assert "control=tablas estado=falla" in ill.stderr
    unknown = run(tmp_path, "--only", "nada")
    assert (unknown.returncode, "certificados" in unknown.stderr) == (2, True)
    nowhere = run(tmp_path, "--only", "memoria", "--save", str(tmp_path / "no/d.json"))
    assert (nowhere.returncode, "--save: no se puede escribir" in nowhere.stderr) == (2, True)


def test_where_nothing_has_begun_nothing_is_made(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, "FALLA" in done.stdout) == (0, False)
    assert "enertrack demo" in done.stdout
    assert list(tmp_path.iterdir()) == []
