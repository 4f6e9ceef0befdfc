"""Static files under an address that changes with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup
from quart import Blueprint, Response, send_from_directory

FOLDER = Path(__file__).parent / "static"
YEAR_S = 31_536_000
BASE = "css/enertrack.css"
"""What every page loads: one file for a browser, one for each area for who writes it."""
AREAS = ("theme", "bar", "controls", "surfaces", "page", "figures", "print")
"""In the order in which they stand in it: what is for paper overrules the others."""

blueprint = Blueprint("assets", __name__)


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in FOLDER.rglob("*") if p.is_file()):
        found.update(str(path.relative_to(FOLDER)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


VERSION = _fingerprint()


def asset(name: str) -> str:
    """Address of the file ``name``; modules that import each other relatively keep its version."""
    return f"/static/{VERSION}/{name}"


@lru_cache
def icon(name: str, kind: str = "") -> Markup:
    """A picture of the sprite with the classes ``kind``; it says nothing to who listens."""
    picture = Markup('<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}" /></svg>')
    return picture.format(kind, asset("vendor/icons.svg"), name)


@lru_cache(1)
def _base() -> bytes:
    return b"\n".join((FOLDER / f"css/base/{area}.css").read_bytes() for area in AREAS)


@blueprint.get("/static/<version>/<path:name>")
async def serve(version: str, name: str) -> Response:
    """Serve a file, to be kept for a year under its present version and not at all under another."""
    present = version == VERSION
    if name == BASE:
        response = Response(_base(), content_type="text/css; charset=utf-8")
    else:
        response = await send_from_directory(FOLDER, name)
    if present:
        response.cache_control.max_age = YEAR_S
        response.cache_control.immutable = True
        response.cache_control.public = True
    else:
        response.cache_control.no_cache = True
    return response
