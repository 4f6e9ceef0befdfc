"""Words and numbers of the user's language; the texts in the code are the Spanish ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.support import LazyProxy, NullTranslations, Translations
from markupsafe import Markup
from quart import Quart, g, has_request_context, request

from enertrack.domain.text import Text

LANGUAGES = ("es", "en")
CATALOGUES = Path(__file__).parent / "locale"
NO_VALUE = "—"
KILO = 1000


def language() -> str:
    """The user's language, their browser's before they have signed in, Spanish at the console."""
    try:
        here = g._get_current_object()  # noqa: SLF001 - once, as each word asks for it
    except RuntimeError:
        return LANGUAGES[0]
    user = here.get("user")
    code = here.get("idioma") or (user.idioma if user else _browsers(here))
    return code if code in LANGUAGES else LANGUAGES[0]


def _browsers(here: Any) -> str:  # noqa: ANN401 - Quart's g
    """What the request asks for, read once; none outside of one."""
    if "idioma_pedido" not in here:
        here.idioma_pedido = request.accept_languages.best_match(LANGUAGES) if has_request_context() else None
    return here.idioma_pedido or ""


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use the language of somebody else than who asks, to whom something is written."""
    before, g.idioma = g.get("idioma"), code
    try:
        yield
    finally:
        g.idioma = before


@lru_cache(len(LANGUAGES))
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(str(CATALOGUES), [code])


def gettext(message: str, **values: object) -> str:
    """``message`` in the user's language, with ``%(name)s`` replaced by ``values``."""
    text = _catalogue(language()).ugettext(message)
    return text % values if values else text


def _in_a_page(message: str, **values: object) -> Markup:
    """What Jinja makes of ``_()``, without its way through the page's names: a page has a hundred of them."""
    code = language()
    return _words(code, message) % values if values else _plain(code, message)


@lru_cache(2000)
def _words(code: str, message: str) -> Markup:
    return Markup(_catalogue(code).ugettext(message))  # noqa: S704 - our own words; values are escaped


@lru_cache(2000)
def _plain(code: str, message: str) -> Markup:
    return _words(code, message) % {}


def lazy_gettext(message: str) -> str:
    """``message`` in the language of whoever reads it when it is shown: for what is said once for all readers."""
    return cast("str", LazyProxy(gettext, message, enable_cache=False))


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form of ``one`` or ``many`` that ``n`` things need."""
    return _catalogue(language()).ungettext(one, many, n) % {"num": n, **values}


def said(text: Text) -> str:
    """What another part tells, in the user's language."""
    return text.said(_catalogue(language()).ugettext)


@lru_cache(len(LANGUAGES))
def _signs(code: str) -> dict[int, str]:
    """The language's signs instead of Python's."""
    return str.maketrans({",": numbers.get_group_symbol(code), ".": numbers.get_decimal_symbol(code)})


def number(value: float | None, decimals: int = 0) -> str:
    """A number with as many decimals, a dash for None; Python writes it, as Babel takes its time over dozens."""
    if value is None:
        return NO_VALUE
    return f"{value:z,.{decimals}f}".translate(_signs(language()))


def kwh(energy_wh: float | None, decimals: int = 3) -> str:
    """An energy in kWh, without its unit; a clock step's negative energy shows as 0."""
    return number(None if energy_wh is None else max(0.0, energy_wh) / KILO, decimals)


def moment(t: int | None, zone: ZoneInfo, form: str = "d MMM y, HH:mm") -> str:
    """A time in a node's zone."""
    if t is None:
        return NO_VALUE
    return _moment(t, zone, form, language())


@lru_cache(5000)
def _moment(t: int, zone: ZoneInfo, form: str, code: str) -> str:
    """Kept, as the same days and readings are shown again and again, and Babel takes its time over each."""
    return dates.format_datetime(datetime.fromtimestamp(t, UTC), form, tzinfo=zone, locale=code)


def iso(t: int, zone: ZoneInfo) -> str:
    """The same for a program."""
    return datetime.fromtimestamp(t, zone).isoformat()


def day(value: date, form: str = "d MMM y") -> str:
    """A date."""
    return dates.format_date(value, form, locale=language())


def install(app: Quart) -> None:
    """Give the templates these words and numbers."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    app.jinja_env.filters.update(number=number, kwh=kwh, moment=moment, iso=iso, day=day, said=said)
    app.jinja_env.globals.update(_=_in_a_page, language=language)
    app.jinja_env.globals["text_direction"] = lambda: Locale.parse(language()).text_direction


__all__ = ["day", "gettext", "install", "kwh", "language", "lazy_gettext", "moment", "ngettext", "number", "said"]
