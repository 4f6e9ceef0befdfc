"""Simulated meters that deliver prepared readings, one message after the other."""

import asyncio
from collections.abc import Sequence

from enertrack.demo.meter import Meter
from enertrack.demo.ring import Ring
from enertrack.domain.reading import Reading
from enertrack.settings import Settings

ANSWER_S = 1.0


def minutes(n: int, start: int) -> list[Reading]:
    """An opening reading at ``start`` and ``n - 1`` more, a minute each, of a steady 360 W."""
    return [
        Reading(
            t=start + 60 * i,
            dt=60 if i else 0,
            energia_wh=1000.0 + 6 * i,
            potencia=360.0,
            potencia_max=361.0,
            tension=229.5,
            corriente=1.6,
            fp=0.98,
            frecuencia=50.0,
        )
        for i in range(n)
    ]


class Fleet:
    """Meters that each deliver the same readings, ``a_message`` at a time, waiting for what they keep."""

    def __init__(self, ids: Sequence[str], readings: Sequence[Reading], a_message: int, *, keeps: bool = True) -> None:
        self.readings = readings
        self.a_message = a_message
        self.keeps = keeps
        self.meters = [Meter(i, Ring(n), keeps=keeps, answer_s=ANSWER_S) for n, i in enumerate(ids, 1)]
        self._moved = asyncio.Event()

    @property
    def done(self) -> int:
        """Readings that the server has confirmed; where nothing is kept, those published or given up."""
        return sum(m.confirmed + m.lost for m in self.meters)

    @property
    def total(self) -> int:
        """Readings of all meters."""
        return len(self.readings) * len(self.meters)

    async def deliver(self, settings: Settings) -> None:
        """Connect all, deliver all."""
        running = [asyncio.create_task(m.run(settings)) for m in self.meters]
        try:
            async with asyncio.TaskGroup() as tasks:
                for meter in self.meters:
                    tasks.create_task(self._feed(meter))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _feed(self, meter: Meter) -> None:
        for i in range(0, len(self.readings), self.a_message):
            await meter.take(*self.readings[i : i + self.a_message])
            if self.keeps:
                await meter.emptied()
            else:
                await asyncio.sleep(0.05)
            self._moved.set()

    async def reached(self, done: int) -> None:
        """Wait until more than so many readings are done."""
        while self.done <= done:
            self._moved.clear()
            await self._moved.wait()
