"""Administrators alone come in: for everybody else these pages do not exist."""

from typing import Final

from quart import Blueprint, abort, request

from enertrack.web.auth import session

MAX_PAGE: Final = 1_000_000
"""What a database may be asked to skip to."""


def only_administrators(blueprint: Blueprint) -> None:
    """Let nobody in who does not administer."""
    session.only_users(blueprint)
    blueprint.before_request(_require_administrator)


def asked_page() -> int:
    """The number of the page of a list that was asked for."""
    asked = request.args.get("pagina", 1, type=int)
    return asked if 1 <= asked <= MAX_PAGE else 1


async def _require_administrator() -> None:
    if not session.user().es_admin:
        abort(404)
