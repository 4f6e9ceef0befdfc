"""The application: what the pages share, and the areas that they belong to."""

import secrets

from quart import Quart, g, request

from enertrack.web import assets, errors, forms, health, i18n, notices, numbers, pages, pwa, security
from enertrack.web.admin import invitations as admin_invitations
from enertrack.web.admin import log as admin_log
from enertrack.web.admin import meters as admin_meters
from enertrack.web.admin import overview as admin
from enertrack.web.admin import people as admin_people
from enertrack.web.api import areas as api
from enertrack.web.auth import addresses, recovery, registration, second_step, session
from enertrack.web.auth import routes as auth
from enertrack.web.consumption import routes as consumption
from enertrack.web.export import routes as export
from enertrack.web.nodes import care, fleet, invitations, people
from enertrack.web.nodes import routes as nodes
from enertrack.web.panel import routes as panel
from enertrack.web.profile import routes as profile
from enertrack.web.profile import second_factor, tokens
from enertrack.web.services import EXTENSION, Services

MAX_BODY = 64 * 1024


def create_app(services: Services, *, demo: bool = False) -> Quart:
    """An application on stores that are opened and closed by whoever serves it."""
    settings = services.settings
    app = Quart(__name__, static_folder=None)
    key = settings.flask_secret_key
    app.config.update(
        DEMO=demo,
        SECRET_KEY=key.get_secret_value() if key else secrets.token_urlsafe(32),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
    )
    app.url_map.merge_slashes = False  # else it redirects, to the host that the request names
    app.extensions[EXTENSION] = services
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    for part in (pages, numbers, i18n, forms, notices):
        part.install(app)
    errors.install(app)
    session.install(app, settings)
    security.protect(app)
    pages.tell(app, lambda: {"demo": demo, "request": request, "user": g.get("user")})
    app.jinja_env.globals.update(
        asset=assets.asset, picture=assets.icon, csrf_token=security.csrf_token, worker_address=pwa.worker_address
    )
    for area in (assets, health, pwa, auth, panel, fleet, nodes, care, people, invitations, consumption, export):
        app.register_blueprint(area.blueprint)
    for area in (second_step, registration, recovery, addresses, profile, second_factor, tokens):
        app.register_blueprint(area.blueprint)
    for area in (admin, admin_people, admin_invitations, admin_meters, admin_log):
        app.register_blueprint(area.blueprint)
    api.install(app)
    return app
