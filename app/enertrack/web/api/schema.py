"""What a route takes and answers: checked when it is called, and told in the API's document."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from quart import Response, request

from enertrack.web.api.problems import Refused
from enertrack.web.i18n import gettext as _

JSON: Final = "application/json"
_PLACE: Final = re.compile(r"at `\$\.?([^`]*)`")
_FIELD: Final = re.compile(r"field `([^`]+)`")

View = Callable[..., Awaitable[Any]]
S = TypeVar("S", bound=msgspec.Struct)


class Told(msgspec.Struct):
    """What the document says of a route: what it is for, models of its query and body, and its answers by status.

    An answer is a type, told as JSON, None where it has no body, or a media type.
    """

    summary: str = ""
    anybody: bool = False
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    answers: dict[int, Any] = {}


def told(view: View) -> Told:
    """What was said of a route so far."""
    found: Told = view.__dict__.setdefault("told", Told())
    return found


def says(summary: str, *, anybody: bool = False) -> Callable[[View], View]:
    """What the route is for, as ``lazy_gettext`` has it; ``anybody`` may call it."""

    def decorate(view: View) -> View:
        told(view).summary, told(view).anybody = summary, anybody
        return view

    return decorate


def asks(model: type[msgspec.Struct]) -> Callable[[View], View]:
    """The route takes a query, handed over as ``query``. Anything else in it is refused."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def wrapper(**values: Any) -> Any:  # noqa: ANN401 - a view's
            return await view(query=_query(model), **values)

        told(wrapper).query = model
        return wrapper

    return decorate


def takes(model: type[msgspec.Struct]) -> Callable[[View], View]:
    """The route takes a body of JSON, handed over as ``body``."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def wrapper(**values: Any) -> Any:  # noqa: ANN401 - a view's
            if request.mimetype != JSON:
                raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("Envíe los datos como application/json."))
            return await view(body=_body(model, bytes(await request.body)), **values)

        told(wrapper).body = model
        return wrapper

    return decorate


def answers(kind: Any = None, status: int = 200, *, media: str | None = None) -> Callable[[View], View]:  # noqa: ANN401 - a type
    """The route answers with that type, sent as JSON, with nothing (None), or by itself in the media type ``media``."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def wrapper(**values: Any) -> Any:  # noqa: ANN401 - a view's
            found = await view(**values)
            if isinstance(found, Response):
                return found
            return Response(b"" if kind is None else msgspec.json.encode(found), status, content_type=JSON)

        told(wrapper).answers[status] = media or kind
        return wrapper

    return decorate


def _query(model: type[S]) -> S:
    lists = {f.name for f in msgspec.structs.fields(model) if "list" in str(f.type)}
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        if name not in lists and len(given) > 1:
            raise _wrong(name)
        values[name] = given if name in lists else given[0]
    return _converted(lambda: msgspec.convert(values, model, strict=False))


def _body(model: type[S], data: bytes) -> S:
    return _converted(lambda: msgspec.convert(_whole(msgspec.json.decode(data)), model))


def _whole(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """With 2.0 as 2, which are the same number in JSON and not to msgspec; our bodies have no deeper numbers."""
    if not isinstance(value, dict):
        return value
    return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in value.items()}


def _converted(convert: Callable[[], S]) -> S:
    try:
        return convert()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error)
        place = _PLACE.search(text) or _FIELD.search(text)
        raise (_wrong(place[1]) if place and place[1] else Refused(HTTPStatus.BAD_REQUEST, _not_json())) from error


def _not_json() -> str:
    return _("Lo que se envió no es lo que se espera aquí: vea el documento de la API.")


def _wrong(name: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, _("%(name)s falta, sobra o no tiene la forma esperada.", name=name))
