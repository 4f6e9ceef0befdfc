"""The page as a program of a telephone: its manifest, its worker, and what it shows where there is no network."""

from typing import Final

from quart import Blueprint, Response, render_template, send_from_directory, url_for
from quart.json import dumps
from quart.typing import ResponseReturnValue

from enertrack.web import i18n
from enertrack.web.assets import FOLDER, VERSION, asset
from enertrack.web.i18n import gettext as _

LIGHT: Final = "#ffffff"
GROUND: Final = "#f4f7f6"
ICONS: Final = (
    ("icon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("maskable-512.png", "512x512", "image/png", "maskable"),
)

blueprint = Blueprint("pwa", __name__)


@blueprint.get("/manifest.webmanifest")
async def manifest() -> ResponseReturnValue:
    """How a telephone shows it among its programs."""
    told = {
        "id": "/",
        "name": "EnerTrack",
        "short_name": "EnerTrack",
        "description": _("Consumo eléctrico en vivo y su historia"),
        "lang": i18n.language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": LIGHT,
        "background_color": GROUND,
        "icons": [
            {"src": asset(f"img/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in ICONS
        ],
        "shortcuts": [
            {"name": _("Panel"), "url": url_for("panel.page")},
            {"name": _("Consumo"), "url": url_for("consumption.page")},
        ],
    }
    return Response(dumps(told), content_type="application/manifest+json")


@blueprint.get("/sw.js")
async def worker() -> Response:
    """The worker, whose place in the site's root makes the whole site its own."""
    response = await send_from_directory(FOLDER / "js", "worker.js", cache_timeout=0)
    response.cache_control.no_cache = True
    return response


@blueprint.get("/sin-conexion")
async def offline() -> ResponseReturnValue:
    """What the worker keeps to show where no page can be had; it is about nobody."""
    return await render_template("pwa/offline.html")


def worker_address() -> str:
    """Where pages have it from: another version is another worker, with another store."""
    return url_for("pwa.worker", v=VERSION)
