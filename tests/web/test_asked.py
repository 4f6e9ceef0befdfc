"""What cannot be taken back is asked for in two steps, with scripts or without: the form lies in a disclosure."""

from html.parser import HTMLParser

import pytest

from tests.web.access.people import person
from tests.web.conftest import OWN, Site


class Forms(HTMLParser):
    """Where the forms of a page are sent, by whether they lie in a disclosure that is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shut: list[str] = []
        self._around: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "details":
            self._around.append("open" in known)
        if tag == "form" and known.get("method") == "post":
            (self.open if all(self._around) else self.shut).append(known.get("action") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self._around.pop()


async def forms(site: Site, name: str, path: str) -> Forms:
    found = Forms()
    found.feed(await (await person(site, name)).text(path))
    return found


@pytest.mark.parametrize(
    ("name", "path", "actions"),
    [
        ("ana", f"/nodos/{OWN}/ajustes", {"credencial", "placa", "baja"}),
        ("dora", f"/nodos/{OWN}/ajustes", {"dejar"}),
        ("ana", f"/nodos/{OWN}/personas", {"transferir"}),
        ("ana", "/perfil", {"eliminar", "tokens"}),
        ("alba", "/admin/usuarios/1", {"activa", "administra"}),
    ],
)
async def test_asked_before(site: Site, name: str, path: str, actions: set[str]) -> None:
    found = await forms(site, name, path)
    assert {action.rpartition("/")[2] for action in found.shut} == actions
    assert not {action.rpartition("/")[2] for action in found.open} & actions


async def test_who_is_taken_off_a_meter_is_asked_for_before(site: Site) -> None:
    await person(site, "dora")
    found = await forms(site, "ana", f"/nodos/{OWN}/personas")
    assert any("/personas/" in action for action in found.shut)
    assert not any("/personas/" in action for action in found.open)


async def test_what_was_refused_is_shown_open(site: Site) -> None:
    browser = await site.signed_in()
    answer = await browser.send(f"/nodos/{OWN}/placa", esp_id="nada")
    found = Forms()
    found.feed(await answer.get_data(as_text=True))
    assert f"/nodos/{OWN}/placa" in found.open


async def test_what_was_done_is_told_without_scripts(site: Site) -> None:
    browser = await site.signed_in()
    answer = await browser.send(f"/nodos/{OWN}/baja")
    page = await browser.text(answer.headers["Location"])
    told = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "El medidor está dado de baja" in told
    assert "<noscript>" not in await browser.text("/nodos")
