"""The certificates that are served, not those on the disk."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from enertrack.doctor.finding import HTTP, LOOPBACK, Place, failure, not_here, unheard, warning, well
from enertrack.domain.examination import Finding
from enertrack.domain.text import text as _

WARNING_DAYS: Final = 20
FAILURE_DAYS: Final = 10
LIMIT_S: Final = 5.0
MEANS: Final = _("los navegadores muestran una advertencia y los medidores no se conectan")
MEND: Final = _("vea por qué con `certbot renew --dry-run` y repítalo con `certbot renew`")
SELF_SIGNED: Final = 18
"""OpenSSL's number of a certificate that vouches for itself."""


async def check(place: Place) -> list[Finding]:
    """The name, the chain and the days left of the pages' and the broker's certificate."""
    if not place.settings.dominio:
        return [not_here(_("sin DOMINIO"))]
    found = [
        await _look(port, place.settings.dominio, place.settings.enertrack_mqtt_ca, place.now, unit)
        for port, unit in place.public.items()
        if port != HTTP
    ]
    return found or [not_here(_("ni las páginas ni el broker están en este equipo"))]


async def _look(port: int, name: str, ca: Path | None, now: datetime, unit: str) -> Finding:
    try:
        async with _open(LOOPBACK, port, name, ssl.create_default_context(cafile=ca)) as session:
            ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(session.getpeercert()["notAfter"])), UTC)  # type: ignore[index]
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == SELF_SIGNED:
            mend = _("repita `ansible-playbook playbooks/site.yml`, que pide el definitivo y dice qué lo impide")
            return failure(_("puerto %(port)s: certificado provisional, firmado por sí mismo", port=port), MEANS, mend)
        why = error.verify_message
        told = _("puerto %(port)s: certificado que no vale para %(name)s: %(why)s", port=port, name=name, why=why)
        return failure(told, MEANS, MEND)
    except (OSError, TimeoutError) as error:
        mend = _("`systemctl status %(unit)s` y `journalctl -u %(unit)s -n 50`", unit=unit)
        told = _("puerto %(port)s: no se muestra ningún certificado (%(why)s)", port=port, why=unheard(error))
        return failure(told, MEANS, mend)
    return _days(port, (ends - now).days)


def _days(port: int, days: int) -> Finding:
    told = _("puerto %(port)s: vence en %(days)s días", port=port, days=days)
    if days < FAILURE_DAYS:
        return failure(told, _("la renovación no funciona; cuando venza, %(means)s", means=MEANS), MEND)
    if days < WARNING_DAYS:
        return warning(told, _("debería haberse renovado ya"), MEND)
    return well(told)


async def certificate(host: str, port: int, name: str) -> bytes:
    """The certificate that is served, whatever it is worth. Raises OSError."""
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    async with _open(host, port, name, blind) as session:
        return session.getpeercert(binary_form=True) or b""


@contextlib.asynccontextmanager
async def _open(host: str, port: int, name: str, context: ssl.SSLContext) -> AsyncIterator[ssl.SSLObject]:
    async with asyncio.timeout(LIMIT_S):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    try:
        yield writer.get_extra_info("ssl_object")
    finally:
        writer.transport.abort()
