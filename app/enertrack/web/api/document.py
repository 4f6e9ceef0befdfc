"""The API's document (OpenAPI 3.1), made of what its routes say of themselves."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from quart import Quart
from werkzeug.routing import Rule

from enertrack.web.api.problems import TYPE as PROBLEM_TYPE
from enertrack.web.api.problems import Problem
from enertrack.web.api.schema import JSON, Told
from enertrack.web.api.words import FIELDS, MODELS
from enertrack.web.auth.bearer import API
from enertrack.web.i18n import gettext as _
from enertrack.web.i18n import lazy_gettext
from enertrack.web.numbers import MOST

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFERENCE: Final = "#/components/schemas/{name}"
ABOUT: Final = lazy_gettext(
    "Lo que muestran y hacen las páginas, para programas. Cada pedido lleva un pase en `Authorization: Bearer`: el que"
    " da `POST /api/v1/sesion`, que dura 15 minutos, o un token personal de su perfil. Las horas son segundos Unix"
    " (UTC); las energías, Wh; los errores, application/problem+json."
)
PATTERNS: Final = {
    "esp_id": {"type": "string", "pattern": "^([0-9A-F]{8}|[0-9A-F]{12})$"},
    "number": {"type": "integer", "minimum": 1, "maximum": MOST},
    "token": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"},
    "magnitud": {"type": "string", "enum": ["potencia", "tension", "corriente", "fp", "frecuencia"]},
}
_CONVERTER: Final = re.compile(r"<(?:[^:>]*:)?([^>]+)>")


def document(app: Quart, version: str) -> dict[str, Any]:
    """All of it, in the reader's language."""
    found = list(_routes(app))
    schemas, components = _schemas(found)
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, told in found:
        path = _CONVERTER.sub(r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, told, schemas, components)
    for told in {id(t): t for *_where, t in found}.values():
        if told.query:
            components.pop(told.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "EnerTrack", "version": version, "description": str(ABOUT), "license": {"name": "MIT"}},
        "paths": paths,
        "components": {
            "schemas": {name: schema | {"description": str(MODELS[name])} for name, schema in components.items()},
            "securitySchemes": {"pase": {"type": "http", "scheme": "bearer", "bearerFormat": _("JWT o et_...")}},
        },
        "security": [{"pase": []}],
    }


def _routes(app: Quart) -> Iterator[tuple[Rule, str, Told]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        told = app.view_functions[rule.endpoint].__dict__.get("told")
        if rule.rule.startswith(API) and told is not None:
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield rule, method, told


def _schemas(found: list[tuple[Rule, str, Told]]) -> tuple[dict[Any, Any], dict[str, Any]]:
    models: dict[Any, None] = {Problem: None}
    for *_where, told in found:
        of_route = [told.query, told.body, *told.answers.values()]
        models |= dict.fromkeys(m for m in of_route if m is not None and not isinstance(m, str))
    schemas, components = msgspec.json.schema_components(models, ref_template=REFERENCE)
    return dict(zip(models, schemas, strict=True)), {name: _fields(schema) for name, schema in components.items()}


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    """A model with what people read of its fields."""
    for field in schema.get("properties", {}).values():
        if "description" in field:
            field["description"] = str(FIELDS[field["description"]])
    return schema


def _operation(rule: Rule, told: Told, schemas: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api_"),
        "summary": str(told.summary),
        "tags": [rule.endpoint.removeprefix("api_").partition(".")[0]],
        "parameters": [*_path(rule), *_query(told, components)],
        "responses": _responses(rule, told, schemas),
    }
    if told.body:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas[told.body]}}}
    if told.anybody:
        operation["security"] = []
    return operation


def _path(rule: Rule) -> list[dict[str, Any]]:
    return [{"name": n, "in": "path", "required": True, "schema": PATTERNS[n]} for n in _CONVERTER.findall(rule.rule)]


def _query(told: Told, components: dict[str, Any]) -> list[dict[str, Any]]:
    if told.query is None:
        return []
    properties = components[told.query.__name__]["properties"]
    return [{"name": n, "in": "query", "schema": schema} for n, schema in properties.items()]


def _responses(rule: Rule, told: Told, schemas: dict[Any, Any]) -> dict[str, Any]:
    problem = {"description": _("Problema"), "content": {PROBLEM_TYPE: {"schema": schemas[Problem]}}}
    guarded, sent = not told.anybody, told.query or told.body
    refusals: dict[str, object] = {"400": sent, "401": guarded or told.body, "403": guarded, "404": rule.arguments}
    refusals |= {"415": told.body, "422": sent}
    responses = {code: problem for code, possible in refusals.items() if possible}
    for status, kind in told.answers.items():
        responses[str(status)] = {"description": _("Bien")} | _content(kind, schemas)
    return dict(sorted(responses.items())) | {"default": problem}


def _content(kind: Any, schemas: dict[Any, Any]) -> dict[str, Any]:  # noqa: ANN401 - a type
    if kind is None:
        return {}
    if isinstance(kind, str):
        return {"content": {media.strip(): {"schema": {"type": "string"}} for media in kind.split("|")}}
    return {"content": {JSON: {"schema": schemas[kind]}}}
