"""``/openapi.json``, the document, and ``/docs``, its pages (Swagger UI, served by ourselves)."""

from importlib.metadata import version

import msgspec
from quart import Blueprint, Response, current_app, render_template

from enertrack.web.api.document import document
from enertrack.web.api.schema import JSON
from enertrack.web.i18n import language

blueprint = Blueprint("api_documento", __name__)


@blueprint.get("/openapi.json")
async def openapi() -> Response:
    """What each route takes and answers."""
    found = document(current_app, version("enertrack"))
    return Response(msgspec.json.encode(found), content_type=JSON, headers={"Content-Language": language()})


@blueprint.get("/docs")
async def docs() -> str:
    """The same for people, who may try it out."""
    return await render_template("api/docs.html")
