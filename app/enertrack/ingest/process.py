"""The process ``enertrack ingest``: signals, the service manager, metrics."""

import asyncio
import logging

from enertrack.ingest.metrics import Metrics
from enertrack.ingest.observe import observed
from enertrack.ingest.service import empty_session, ingest
from enertrack.log import event
from enertrack.settings import Settings, SettingsError
from enertrack.stores.broker import rights
from enertrack.supervise import THINGS, Health, together, until_told, watchdog

_log = logging.getLogger(__name__)


def main(settings: Settings, *, drain: bool = False) -> None:
    """Run until SIGTERM or SIGINT, or with ``drain`` until this ingest's session is empty. Raises SettingsError.

    A session that another account takes up loses what it may not hear: only ingest's own may drain it.
    """
    if settings.embedded:
        raise SettingsError(
            ["ENERTRACK_MQTT_HOST, MYSQL_*, INFLUX_*: faltan: defínalas, o use `enertrack demo`, que lo trae todo"]
        )
    if drain and settings.enertrack_cuentas_broker == "dynsec" and settings.enertrack_mqtt_usuario != rights.INGEST:
        raise SettingsError(
            [f"ENERTRACK_MQTT_USUARIO: la sesión es de {rights.INGEST}: use systemctl start enertrack-drain"]
        )
    health = Health(THINGS)
    asyncio.run(until_told(empty_session(settings, health=health) if drain else run(settings, health)))


async def run(settings: Settings, health: Health) -> None:
    """An ingest with its metrics, telling systemd how it is."""
    metrics = Metrics()
    with observed(settings.enertrack_metricas, metrics.registry, health):
        event(_log, logging.INFO, "la ingesta comienza", cliente=settings.enertrack_ingesta_id)
        try:
            await together(ingest(settings, health=health, metrics=metrics), watchdog(health))
        finally:
            event(_log, logging.INFO, "la ingesta termina")
