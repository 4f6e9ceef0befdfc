"""HTML, script and formulas in every name that a page shows."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from enertrack import web
from tests.web.access.people import ask, named, person
from tests.web.access.rows import ROWS
from tests.web.access.table import Row
from tests.web.attacks.corpus import HTML, MARK
from tests.web.conftest import Browser, Site

WEB = Path(web.__file__).parent
READ = [row for row in ROWS if row.method == "GET" and not row.stream and not row.endpoint.startswith("assets.")]
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*[\"'`]|srcdoc|"
    r"createContextualFragment|parseFromString"
)
NAMES = {
    "Nodos": ("nombre", "descripcion", "firmware"),
    "UsuariosNodos": ("ubicacion",),
    "Usuarios": ("correo",),
    "Sesiones": ("agente", "direccion"),
}

REPEATED = ("/ingresar?usuario=", "/ingresar?siguiente=/", "/?aviso=", "/consumo?fecha=", "/consumo?nodo=", "/")


class Danger(HTMLParser):
    """What of a page would act upon its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._script = tag == "script" and values.get("type") != "application/json"
        if self._script and not (values.get("src") or "").startswith("/static/"):
            self.found.append(f"a script: {attrs}")
        if tag in {"base", "object", "embed", "iframe", "style"}:
            self.found.append(tag)
        for name, value in attrs:
            if MARK in name or name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}={value}")
            if name in {"href", "src", "action", "formaction", "data"} and not harmless(value or "", tag):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, _tag: str) -> None:
        self._script = False

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append(f"comment {data}")

    def handle_data(self, data: str) -> None:
        if self._script:
            self.found.append(f"script {data}")


def harmless(address: str, tag: str) -> bool:
    if tag == "img" and address.startswith("data:image/svg+xml;"):  # a QR; a picture runs no script
        return MARK not in address
    return not address or (address[0] in "/?#" and not address.startswith("//")) or address.startswith("mailto:")


def dangers(page: str) -> list[str]:
    parser = Danger()
    parser.feed(page)
    return parser.found + (["a template was worked out"] if "1337" in page else [])


async def name_everything(site: Site, value: str) -> None:
    """Give that name to all that people, meters and browsers name themselves."""
    async with site.engine.begin() as conn:
        for table, columns in NAMES.items():
            for column in columns:
                unique = " || id" if table == "Usuarios" else ""
                await conn.execute(text(f"UPDATE {table} SET {column} = :value{unique}"), {"value": value})


async def looked_at(browser: Browser, row: Row) -> tuple[str, str]:
    answer = await ask(browser, row)
    return answer.content_type or "", await answer.get_data(as_text=True)


@pytest.mark.parametrize("who", ["ana", "alba"])
@pytest.mark.parametrize("value", HTML)
async def test_names_are_text(site: Site, value: str, who: str) -> None:
    browser = await person(site, who)
    await name_everything(site, value)
    found, shown = {}, 0
    for row in READ:
        kind, said = await looked_at(browser, row)
        shown += MARK in said
        if kind.startswith("text/html") and (bad := dangers(said)):
            found[named(row)] = bad
        elif kind.startswith("application/json"):
            json.loads(said)
    assert found == {}
    assert shown or who != "ana"


async def test_what_is_asked_for_is_not_repeated_as_html(site: Site) -> None:
    """Neither in a form that is shown again, nor by an error."""
    browser, stranger = await site.signed_in(), site.browser()
    for value in HTML:
        for path in REPEATED:
            for who in (browser, stranger):
                page = await (await who.get(path + quote(value, safe=""))).get_data(as_text=True)
                assert dangers(page) == [], (path, value)


async def test_name_that_was_refused_is_shown_as_text(site: Site) -> None:
    for value in HTML:
        site.services.guesses.give_back(["direccion:127.0.0.1"])
        answer = await site.browser().enter(value, "no es esta")
        assert dangers(await answer.get_data(as_text=True)) == []


def test_templates_escape_all_that_they_are_given(site: Site) -> None:
    for file in (WEB / "templates").rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", file.read_text()), file
        assert site.app.jinja_env.autoescape is True or site.app.select_jinja_autoescape(file.name)


def test_scripts_put_text_into_the_page_as_text() -> None:
    found = {f.name: m for f in (WEB / "static/js").rglob("*.js") if (m := SINKS.findall(f.read_text()))}
    assert found == {}
