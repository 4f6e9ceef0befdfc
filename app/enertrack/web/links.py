"""Addresses that leave the page: in a mail, an invitation, a QR code."""

from quart import request

from enertrack.web.services import services

HTTPS = 443


def public_url(path: str) -> str:
    """The whole address of a path: by the configured name, never by what the request says it is (but in the demo)."""
    settings = services().settings
    if settings.dominio is None:
        return request.host_url.rstrip("/") + path
    port = "" if settings.puerto == HTTPS else f":{settings.puerto}"
    return f"https://{settings.dominio}{port}{path}"
