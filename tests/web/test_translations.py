"""Each text of the pages exists in each language, and none of them has passed by the catalogue."""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import nodes
from quart import Quart
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from enertrack.web import i18n
from enertrack.web.forms import Form
from tests.web.conftest import Site

WEB = Path(i18n.__file__).parent
PACKAGE = WEB.parent
PROJECT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
SPOKEN = {"alt", "aria-label", "aria-roledescription", "placeholder", "title"}
OURS = {"EnerTrack", "Ener", "Track", "CSV", "Excel", "kWh", "kW", "Hz", "VA", "dBm", "UTC"}
"""Names and units."""
QUERY = re.compile(r"[?&]\w+=")
WORD = re.compile(r"[^\W\d_]{2,}")
SILENT = {"code", "pre", "script", "style", "svg"}

MAKERS = {"_", "gettext", "lazy_gettext", "ngettext"}
languages = pytest.mark.parametrize("language", [code for code in i18n.LANGUAGES if code != "es"])


def catalogue(language: str) -> Catalog:
    with (i18n.CATALOGUES / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def said() -> set[str | tuple[str, ...]]:
    """Every text in the code and the templates."""
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    found = extract_from_dir(
        PACKAGE,
        [(m["pattern"], m["method"]) for m in mappings],
        {m["pattern"]: {k: v for k, v in m.items() if isinstance(v, str)} for m in mappings},
        KEYWORDS,
    )
    return {message for _, _, message, _, _ in found if message}


def texts(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


@languages
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    known = {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalogue(language) if m.id}
    assert known == said(), "make translations"


@languages
def test_everything_is_translated(language: str) -> None:
    def bare(message: Message) -> bool:
        return bool(message.id) and (message.fuzzy or not all(texts(message.string)))

    assert [m.id for m in catalogue(language) if bare(m)] == []


@languages
def test_translations_say_the_same_values(language: str) -> None:
    def values(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text.replace("%%", "")))

    differ = [
        (m.id, translated)
        for m in catalogue(language)
        if m.id
        for translated in texts(m.string)
        if values(translated) != values(texts(m.id)[-1]) and values(translated) != values(texts(m.id)[0])
    ]
    assert differ == []


@languages
def test_translations_say_the_same_commands(language: str) -> None:
    """What stands between `marks` is to be typed."""

    def commands(text: str) -> list[str]:
        return sorted(text.split("`")[1::2])

    differ = [m.id for m in catalogue(language) if m.id and commands(texts(m.string)[0]) != commands(texts(m.id)[0])]
    assert differ == []


@languages
def test_compiled_catalogue_is_there(language: str) -> None:
    assert (i18n.CATALOGUES / language / "LC_MESSAGES/messages.mo").is_file(), "pip install --editable ."


@pytest.fixture(scope="module")
def code() -> dict[str, ast.Module]:
    return {str(f.relative_to(PACKAGE)): ast.parse(f.read_text()) for f in sorted(PACKAGE.rglob("*.py"))}


def called(module: ast.Module, names: set[str]) -> list[ast.Call]:
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    return [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in names]


def test_texts_stand_in_the_code_as_they_are(code: dict[str, ast.Module]) -> None:
    """A text that is put together cannot be found by who translates."""
    made = ((file, c.args[0]) for file, m in code.items() for c in called(m, MAKERS) if c.args)
    assert [(file, ast.unparse(text)) for file, text in made if not isinstance(text, ast.Constant)] == []


def test_texts_are_made_by_the_name_that_is_searched_for(code: dict[str, ast.Module]) -> None:
    def names(module: ast.Module) -> dict[str, str | None]:
        imports = [node for node in ast.walk(module) if isinstance(node, ast.ImportFrom)]
        return {n.name: n.asname for i in imports if i.module == "enertrack.domain.text" for n in i.names}

    assert [file for file, m in code.items() if names(m).get("text", "_") != "_"] == []
    assert [file for file, m in code.items() if "Text" in names(m) and called(m, {"Text"})] == []


class Words(HTMLParser):
    """Words of a template that are the same in all languages."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        for name, value in attrs:
            if name in SPOKEN or (name.startswith("data-") and " " in (value or "")):
                self._read(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._read(data)

    def _read(self, text: str) -> None:
        self.found += [word for word in WORD.findall(QUERY.sub("", text)) if word not in OURS]


def fixed_parts(app: Quart, source: str) -> str:
    """A template without what it computes."""
    return "".join(_parts(app.jinja_env.parse(source)))


def _parts(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            yield part.data if isinstance(part, nodes.TemplateData) else "0"
    else:
        for child in node.iter_child_nodes():
            yield from _parts(child)


def test_templates_have_no_words_of_their_own(site: Site) -> None:
    found = {}
    for file in sorted((WEB / "templates").rglob("*.html")):
        words = Words()
        words.feed(fixed_parts(site.app, file.read_text()))
        found[str(file.relative_to(WEB))] = words.found
    assert {name: words for name, words in found.items() if words} == {}


def test_scripts_have_no_words_of_their_own() -> None:
    """They take them from the page."""
    strings = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
    found = []
    for file in sorted((WEB / "static/js").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", file.read_text(), flags=re.DOTALL)
        for match in strings.finditer(code):
            text = next(g for g in match.groups() if g is not None)
            if set(text) & set("áéíóúñ¿¡Á"):
                found.append((file.name, text))
    assert found == []


def kinds(form: type[Form] = Form) -> Iterator[type[Form]]:
    for kind in form.__subclasses__():
        yield kind
        yield from kinds(kind)


async def test_forms_refuse_in_our_words(site: Site) -> None:
    """The library's fields have some of their own, in English."""
    found = set()
    async with site.app.test_request_context("/"):
        for kind in kinds():
            form = kind(MultiDict(dict.fromkeys((field.name for field in kind()), "¿nada?")))
            for field in form:
                if isinstance(field, SelectField):
                    field.choices = field.choices or []
            form.validate()
            found |= {str(told) for errors in form.errors.values() for told in errors}
    assert "Elija una de la lista." in found
    assert found <= said()


async def test_page_speaks_the_users_language(site: Site) -> None:
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Usuarios SET idioma = 'en' WHERE nombre_usuario = 'ana'")
    page = await (await site.signed_in("ana")).text("/consumo")
    assert '<html lang="en"' in page
    assert "Consumption" in page
    assert "Consumo" not in page


@pytest.mark.parametrize(
    ("asked", "spoken"), [("en-GB,en;q=0.9", "en"), ("fr, en;q=0.5", "en"), ("fr", "es"), ("", "es")]
)
async def test_page_speaks_the_browsers_language_before_anybody_signed_in(site: Site, asked: str, spoken: str) -> None:
    answer = await site.browser().get("/ingresar", **{"Accept-Language": asked})
    assert f'<html lang="{spoken}"' in await answer.get_data(as_text=True)


async def test_page_speaks_the_users_language_and_not_the_browsers(site: Site) -> None:
    answer = await (await site.signed_in("ana")).get("/consumo", **{"Accept-Language": "en"})
    assert '<html lang="es"' in await answer.get_data(as_text=True)
