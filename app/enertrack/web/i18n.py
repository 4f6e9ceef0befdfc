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
from quart import Quart, g, has_app_context

LANGUAGES = ("es", "en")
CATALOGUES = Path(__file__).parent / "locale"
NO_VALUE = "—"
KILO = 1000


def language() -> str:
    """The user's language, Spanish for one who has not signed in and at the console."""
    if not has_app_context():
        return "es"
    code = g.get("idioma") or (g.user.idioma if g.get("user") else "")
    return code if code in LANGUAGES else "es"


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


def lazy_gettext(message: str) -> str:
    """``message`` in the language of whoever reads it when it is shown: for what is said once for all readers."""
    return cast("str", LazyProxy(gettext, message, enable_cache=False))


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form of ``one`` or ``many`` that ``n`` things need."""
    return _catalogue(language()).ungettext(one, many, n) % {"num": n, **values}


@lru_cache(32)
def _pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def number(value: float | None, decimals: int = 0) -> str:
    """A number with as many decimals, a dash for None."""
    if value is None:
        return NO_VALUE
    shown = numbers.format_decimal(value, _pattern(decimals), locale=language())
    return shown.removeprefix("-") if not any("1" <= c <= "9" for c in shown) else shown


def kwh(energy_wh: float | None, decimals: int = 3) -> str:
    """An energy in kWh, without its unit; a clock step's negative energy shows as 0."""
    return number(None if energy_wh is None else max(0.0, energy_wh) / KILO, decimals)


def moment(t: int | None, zone: ZoneInfo, form: str = "d MMM y, HH:mm") -> str:
    """A time in a node's zone."""
    if t is None:
        return NO_VALUE
    return dates.format_datetime(datetime.fromtimestamp(t, UTC), form, tzinfo=zone, locale=language())


def day(value: date, form: str = "d MMM y") -> str:
    """A date."""
    return dates.format_date(value, form, locale=language())


def install(app: Quart) -> None:
    """Give the templates these words and numbers."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    app.jinja_env.filters.update(number=number, kwh=kwh, moment=moment, day=day)
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["text_direction"] = lambda: Locale.parse(language()).text_direction


__all__ = ["day", "gettext", "install", "kwh", "language", "lazy_gettext", "moment", "ngettext", "number"]
