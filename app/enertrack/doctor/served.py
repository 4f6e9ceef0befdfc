"""The certificates that are served, not those on the disk."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from enertrack.doctor.finding import HTTP, LOOPBACK, Place, failure, not_here, warning, well
from enertrack.domain.examination import Finding

WARNING_DAYS: Final = 20
FAILURE_DAYS: Final = 10
LIMIT_S: Final = 5.0
MEANS: Final = "los navegadores muestran una advertencia y los medidores no se conectan"
MEND: Final = "vea por qué con `certbot renew --dry-run` y repítalo con `certbot renew`"
SELF_SIGNED: Final = 18
"""OpenSSL's number of a certificate that vouches for itself."""


async def check(place: Place) -> list[Finding]:
    """The name, the chain and the days left of the pages' and the broker's certificate."""
    if not place.settings.dominio:
        return [not_here("sin DOMINIO")]
    found = [
        await _look(port, place.settings.dominio, place.settings.enertrack_mqtt_ca, place.now, unit)
        for port, unit in place.public.items()
        if port != HTTP
    ]
    return found or [not_here("ni las páginas ni el broker están en este equipo")]


async def _look(port: int, name: str, ca: Path | None, now: datetime, unit: str) -> Finding:
    where = f"puerto {port}"
    try:
        async with _open(LOOPBACK, port, name, ssl.create_default_context(cafile=ca)) as session:
            ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(session.getpeercert()["notAfter"])), UTC)  # type: ignore[index]
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == SELF_SIGNED:
            mend = "repita `ansible-playbook playbooks/site.yml`, que pide el definitivo y dice qué lo impide"
            return failure(f"{where}: certificado provisional, firmado por sí mismo", MEANS, mend)
        return failure(f"{where}: certificado que no vale para {name}: {error.verify_message}", MEANS, MEND)
    except (OSError, TimeoutError) as error:
        mend = f"`systemctl status {unit}` y `journalctl -u {unit} -n 50`"
        why = "nadie escucha" if isinstance(error, ConnectionRefusedError) else str(error) or "sin respuesta a tiempo"
        return failure(f"{where}: no se muestra ningún certificado ({why})", MEANS, mend)
    return _days(where, (ends - now).days)


def _days(where: str, days: int) -> Finding:
    told = f"{where}: vence en {days} días"
    if days < FAILURE_DAYS:
        return failure(told, f"la renovación no funciona; cuando venza, {MEANS}", MEND)
    if days < WARNING_DAYS:
        return warning(told, "debería haberse renovado ya", MEND)
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
