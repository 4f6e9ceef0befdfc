"""The store of measurements that the settings ask for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from enertrack.settings import Settings
from enertrack.stores.measurements.protocol import Measurements

PATIENCE_S: Final = 10.0


@asynccontextmanager
async def open_measurements(settings: Settings, patience_s: float = PATIENCE_S) -> AsyncIterator[Measurements]:
    """InfluxDB, which is away after ``patience_s`` of silence, or a SQLite file where EnerTrack runs embedded.

    Closed at the end.
    """
    store = _store(settings, patience_s)
    try:
        yield store
    finally:
        await store.close()


def _store(settings: Settings, patience_s: float) -> Measurements:
    # Imported only where used: influxdb-client alone costs 40 MB.
    if settings.embedded:
        from enertrack.stores.measurements.sqlite import Sqlite  # noqa: PLC0415

        return Sqlite(settings.enertrack_datos / "mediciones.db")
    from enertrack.stores.measurements.influx import Influx  # noqa: PLC0415

    url, token, org, bucket = settings.influx_url, settings.influx_token, settings.influx_org, settings.influx_bucket
    if url is None or token is None or org is None or bucket is None:
        message = "partly configured: load() refuses this"
        raise ValueError(message)
    authority = settings.enertrack_influx_ca
    return Influx(url, token.get_secret_value(), org, bucket, patience_s, authority=authority)
