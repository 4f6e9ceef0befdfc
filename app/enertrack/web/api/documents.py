"""``/openapi.json``, the document, and ``/docs``, its pages (Swagger UI, served by ourselves)."""

from importlib.metadata import version

import msgspec
from quart import Blueprint, Response, current_app, render_template

from enertrack.web.api.document import document
from enertrack.web.api.schema import JSON

blueprint = Blueprint("api_documento", __name__)


@blueprint.get("/openapi.json")
async def openapi() -> Response:
    """What each route takes and answers."""
    return Response(msgspec.json.encode(document(current_app, version("enertrack"))), content_type=JSON)


@blueprint.get("/docs")
async def docs() -> str:
    """The same for people, who may try it out."""
    return await render_template("api/docs.html")
