"""Addresses that leave the page: in a mail, an invitation, a QR code."""

from quart import request

from enertrack.web.services import services


def public_url(path: str) -> str:
    """The whole address of a path: by the configured name, never by what the request says it is (but in the demo)."""
    return (services().settings.public_address or request.host_url.rstrip("/")) + path
