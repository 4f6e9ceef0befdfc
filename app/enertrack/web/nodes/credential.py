"""A meter's credential, in the one answer that shows it: text to copy, and a QR for the meter's own page."""

import segno
from markupsafe import Markup
from quart import render_template
from quart.typing import ResponseReturnValue

from enertrack.stores.broker.gate import card, gate
from enertrack.stores.meters import Enrolled
from enertrack.web.services import services


async def shown(title: str, esp_id: str, done: Enrolled) -> ResponseReturnValue:
    """The page; where a person makes the broker's accounts, what they do there."""
    place, credential = gate(services().settings), done.credential
    text = card(place, credential) if credential else None
    return await render_template(
        "nodes/credential.html",
        title=title,
        esp_id=esp_id,
        place=place,
        credential=credential,
        meter=done.meter,
        text=text,
        qr=_drawn(text) if text else None,
        embedded=services().settings.embedded,
    )


def _drawn(text: str) -> Markup:
    return Markup(segno.make_qr(text, error="m").svg_inline(omitsize=True, border=0))  # noqa: S704 - our own drawing
