"""All blueprints of the API."""

from quart import Quart

from enertrack.web.api import consumption, documents, history, meters, person, session, sharing, tokens
from enertrack.web.auth.bearer import API

PREFIX = f"{API}v1"
BLUEPRINTS = (
    *(documents.blueprint, session.door, session.ending, person.blueprint, tokens.blueprint),
    *(meters.blueprint, history.blueprint, consumption.blueprint, sharing.blueprint),
)


def install(app: Quart) -> None:
    """Put them under ``/api/v1``."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
