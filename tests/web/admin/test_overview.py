"""What the doctor said last, and what the pages see themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markupsafe import escape

from enertrack.backup.failure import Failed
from enertrack.backup.programs import FULL as FULL_DISK
from enertrack.backup.report import reported
from enertrack.doctor.examine import examine
from enertrack.doctor.finding import Place
from enertrack.domain.examination import Examination, Finding, State
from enertrack.stores.examination import FILE, keep
from enertrack.web.services import Services
from tests.web.admin.conftest import english
from tests.web.conftest import NOW, Browser, Site

MOMENT = datetime.fromtimestamp(NOW, UTC)
FULL = Finding(State.FAILURE, "/: 3% libre", "cuando se llene no se guardará nada", "`df -h`; agrande <el> disco")
SAVED = Finding(State.WELL, "última copia: ayer, bien")


def left(services: Services, findings: dict[str, list[Finding]], moment: datetime, state: State) -> None:
    keep(services.settings.enertrack_datos / FILE.name, Examination(moment, state, findings))


async def test_before_the_doctor_came_nothing_is_claimed(alba: Browser) -> None:
    page = await alba.text("/admin")
    assert "El doctor todavía no pasó" in page
    assert "Todo funciona" not in page


async def test_a_failure_tells_what_it_means_and_how_it_is_mended(site: Site, alba: Browser) -> None:
    left(site.services, {"disco": [FULL], "respaldo": [SAVED]}, MOMENT, State.FAILURE)
    page = await alba.text("/admin")
    assert "Algo falla" in page
    for told in (FULL.hallado, FULL.significa, "<code>df -h</code>", "agrande &lt;el&gt; disco", SAVED.hallado):
        assert told in page
    assert "systemctl status enertrack-doctor.timer" not in page


async def test_an_old_word_is_told_as_such(site: Site, alba: Browser) -> None:
    left(site.services, {"disco": [SAVED]}, MOMENT - timedelta(hours=3), State.WELL)
    assert "systemctl status enertrack-doctor.timer" in await alba.text("/admin")


async def test_the_doctor_speaks_the_readers_language(site: Site, alba: Browser, tmp_path: Path) -> None:
    units, copies = tmp_path / "units", tmp_path / "state/enertrack-backup"
    for folder in (units, copies):
        folder.mkdir(parents=True)
    for unit in ("enertrack.target", "enertrack-web.service", "enertrack-ingest.service", "enertrack-backup.service"):
        (units / unit).touch()
    with pytest.raises(Failed), reported(copies, "backup"):
        raise Failed(FULL_DISK)
    settings = site.services.settings
    place = Place(settings, MOMENT, units=(units,), run=tmp_path, proc=tmp_path, state=tmp_path / "state")
    found = await examine(place)
    keep(settings.enertrack_datos / FILE.name, found)
    await english(site)
    page = await alba.text("/admin")
    assert "enertrack-web does not answer (nobody is listening)" in page
    assert "failed: there is no room left on the disk" in page
    assert 'lang="es"' not in page
    told = {str(text) for findings in found.controles.values() for f in findings for text in f.textos.values()}
    assert {text for text in told if str(escape(text)) in page and not text.startswith("`")} == set()


async def test_what_an_older_version_left_is_marked_as_spanish(site: Site, alba: Browser) -> None:
    left(site.services, {"disco": [FULL], "respaldo": [SAVED]}, MOMENT, State.FAILURE)
    await english(site)
    page = await alba.text("/admin")
    assert f'<span lang="es">{FULL.significa}</span>' in page
    assert f'<span lang="es">{SAVED.hallado}</span>' in page


@pytest.mark.parametrize("content", [b"", b"{", b'{"momento": 3}', b"\xff"])
async def test_what_cannot_be_read_is_as_nothing(site: Site, alba: Browser, content: bytes) -> None:
    (site.services.settings.enertrack_datos / FILE.name).write_bytes(content)
    assert "El doctor todavía no pasó" in await alba.text("/admin")


async def test_a_server_that_is_away_now_is_told_whatever_the_doctor_saw(site: Site, alba: Browser) -> None:
    left(site.services, {"broker": [SAVED]}, MOMENT, State.WELL)
    assert "No llegan valores en vivo." in await alba.text("/admin")
    site.services.live.connected = True
    assert "No llegan valores en vivo." not in await alba.text("/admin")
