"""Forms whose rules and words are the same in the browser (``static/js/forms.js``) and here.

The browser checks what HTML can say (required, minlength, pattern, min, max) and shows the message that the field's
validator has here; what only the server knows is added to the field's errors and shown in the same place.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import wtforms
from quart import Quart, request
from werkzeug.datastructures import MultiDict
from wtforms import validators
from wtforms.fields import Field

from enertrack.web.i18n import lazy_gettext as _

_PLAIN: Final = r'[^@\s\(\)<>\[\]\\,;:"'
MAIL: Final = rf"{_PLAIN}]{{1,64}}@{_PLAIN}]+\.{_PLAIN}.]+"
"""One address: without what an address's header reads as a name, a remark, a list or a group."""
LONGEST_MAIL: Final = 254
_MESSAGES: Final = (
    ("data-required", (validators.DataRequired, validators.InputRequired)),
    ("data-length", (validators.Length,)),
    ("data-pattern", (validators.Regexp,)),
    ("data-range", (validators.NumberRange,)),
)
_CHOOSE: Final = _("Elija una de la lista.")
_LIBRARY: Final = {"Not a valid choice.": _CHOOSE, "Invalid Choice: could not coerce.": _CHOOSE}
"""What the library's fields say by themselves, in our words."""


class _Words:
    """How the library asks for them."""

    def gettext(self, message: str) -> str:
        return str(_LIBRARY.get(message, message))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return one if n == 1 else many


class Form(wtforms.Form):  # type: ignore[misc,unused-ignore]
    """What a person fills in; ``submitted`` reads it."""

    class Meta:
        """The messages are ours."""

        def get_translations(self, _form: wtforms.Form) -> _Words:
            """For the fields of a form."""
            return _Words()


class Pattern(validators.Regexp):  # type: ignore[misc,unused-ignore]
    """The whole value is of that form; HTML's attribute says it to the browser."""

    def __init__(self, pattern: str, message: str) -> None:
        super().__init__(re.compile(rf"(?:{pattern})\Z"), message=message)
        self.field_flags = {"pattern": pattern}


def required() -> validators.DataRequired:
    """Something other than spaces."""
    return validators.DataRequired(_("Falta completar este campo."))


def length(least: int, most: int, message: str) -> validators.Length:
    """As many characters."""
    return validators.Length(least, most, message)


def mail() -> list[validators.Length | validators.Regexp]:
    """An address that mail can go to; whether it arrives is seen when it is used."""
    pattern = Pattern(MAIL, _("Escriba un correo como ana@ejemplo.com."))
    return [length(0, LONGEST_MAIL, _("El correo es demasiado largo.")), pattern]


def stripped(value: str | None) -> str | None:
    """A filter: without the spaces around it, None where nothing is left."""
    return value.strip() or None if value else None


F = TypeVar("F", bound=Form)


async def submitted(form: type[F], **known: Any) -> F:  # noqa: ANN401 - what its fields hold
    """The form as it was sent; ``known`` are values that its fields begin with."""
    return form(await request.form, **known)


def filled(form: type[F], values: Mapping[str, object]) -> F:
    """The form as if these had been written into it, None into nothing: for what comes another way."""
    written = {name: str(value) for name, value in values.items() if value is not None}
    return form(MultiDict(written))


def wiring(field: Field) -> dict[str, str]:
    """The messages of a field's validators for the browser, and what describes it for who cannot see it."""
    described = [f"{field.id}-error", *([f"{field.id}-ayuda"] if field.description else [])]
    return {"aria-describedby": " ".join(described), **dict(_messages(field))}


def _messages(field: Field) -> Iterator[tuple[str, str]]:
    for name, kinds in _MESSAGES:
        for validator in field.validators:
            if isinstance(validator, kinds) and validator.message:
                yield name, str(validator.message)


def install(app: Quart) -> None:
    """Let templates wire fields (``forms.html``)."""
    app.jinja_env.globals["wiring"] = wiring
