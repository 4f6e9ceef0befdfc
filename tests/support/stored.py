"""What an installation has stored, asked of its stores themselves."""

import contextlib
from collections.abc import AsyncIterator
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

from enertrack import settings
from enertrack.domain.calendar import local_date
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import Window, consumption
from enertrack.stores import nodes
from enertrack.stores.database import create_engine
from enertrack.stores.measurements.open import open_measurements
from enertrack.stores.measurements.protocol import Measurements
from tests.support.appliance import Appliance
from tests.support.processes import eventually

EVER = (0, 4_000_000_000)


class Stored:
    """Readings and summaries by the meter's id."""

    def __init__(self, store: Measurements, known: dict[str, nodes.Node]) -> None:
        self.store = store
        self.known = known

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, appliance: Appliance) -> AsyncIterator[Self]:
        """The stores that the installation's environment names."""
        loaded = settings.load(appliance.env)
        engine = create_engine(loaded)
        try:
            async with open_measurements(loaded) as store:
                yield cls(store, {n.esp_id: n for n in await nodes.all_nodes(engine)})
        finally:
            await engine.dispose()

    async def counts(self) -> dict[str, int]:
        """How many readings each meter has, counted in the raw series."""
        return {esp_id: await self.count(esp_id) for esp_id in self.known}

    async def count(self, esp_id: str) -> int:
        """How many readings a meter has, counted in the raw series."""
        node_id = self.known[esp_id].id
        span = await self.store.span(node_id)
        if span is None:
            return 0
        return sum(f.count for f in (await self.store.fingerprints(node_id, span[0] - 1, span[1])).values())

    async def has(self, esp_id: str, t: int) -> bool:
        """Whether a meter has a reading at that second."""
        node_id = self.known[esp_id].id
        return bool((await self.store.readings([node_id], t - 1, t))[node_id])

    async def windows(self, esp_id: str, resolution: Resolution) -> list[Window]:
        """All stored windows of a meter."""
        node_id = self.known[esp_id].id
        return (await self.store.windows(resolution, [node_id], *EVER))[node_id]

    async def rolled_up(self, esp_id: str, readings: int) -> None:
        """Wait until the windows of each resolution hold ``readings`` readings."""

        async def done() -> bool:
            held = [await self.windows(esp_id, r) for r in (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY)]
            return all(sum(w.summary.count for w in windows) == readings for windows in held)

        await eventually(done, f"{readings} readings of {esp_id} in the summaries")

    async def days_wh(self, esp_id: str) -> dict[date, float]:
        """Energy of each local day with a positive consumption, from the stored days."""
        node = self.known[esp_id]
        zone = ZoneInfo(node.zona_horaria)
        windows = await self.windows(esp_id, Resolution.DAY)
        edges = sorted({t for w in windows for t in (w.start, w.end)})
        bins = consumption(windows, edges, node.potencia_max_w)
        return {local_date(b.start, zone): b.energy_wh for b in bins if b.energy_wh > 0}
