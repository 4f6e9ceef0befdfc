"""All blueprints of the API."""

from quart import Quart, Response

from enertrack.web.api import consumption, documents, history, meters, person, problems, session, sharing, tokens
from enertrack.web.auth.bearer import API

PREFIX = f"{API}v1"
BLUEPRINTS = (
    *(documents.blueprint, session.door, session.ending, person.blueprint, tokens.blueprint),
    *(meters.blueprint, history.blueprint, consumption.blueprint, sharing.blueprint),
)


def install(app: Quart) -> None:
    """Put them under ``/api/v1``."""

    async def refused(error: problems.Refused) -> Response:
        return problems.answer(error.status, error.detail, error.errores)

    app.register_error_handler(problems.Refused, refused)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
