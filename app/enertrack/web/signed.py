"""What we hand to a browser and believe when it comes back: signed, for one purpose, and not for ever."""

from typing import Any

from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from quart import current_app

from enertrack.web.services import services


class _Signer(TimestampSigner):
    """By the pages' clock."""

    def get_timestamp(self) -> int:
        return services().now()


def sign(purpose: str, value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """``value`` in a form that an address or a cookie may hold; everybody can read it."""
    return str(_serializer(purpose).dumps(value))


def read(purpose: str, text: str, max_age_s: int) -> Any | None:  # noqa: ANN401 - what was signed
    """What was signed for that purpose within so many seconds; None for all else."""
    try:
        return _serializer(purpose).loads(text, max_age=max_age_s)
    except BadSignature:
        return None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"enertrack:{purpose}", signer=_Signer)
