"""Many simulated meters in one process, each with its own connection."""

import asyncio
import secrets
import time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from enertrack.demo.appliances import chance
from enertrack.demo.meter import Live, Meter
from enertrack.demo.places import APPLIANCES, Site
from enertrack.demo.ring import Ring
from enertrack.domain.reading import Reading
from enertrack.stores.broker.client import BrokerSettings

EVERY_S: Final = 60.0
"""How often a meter sends a reading."""
PREFIX: Final = "02E7A0"
"""First half of the ids of simulated meters: a locally administered MAC address."""


class Instrument(msgspec.Struct, frozen=True):
    """A meter and the site that it measures."""

    meter: Meter
    site: Site


def meter_id(number: int, prefix: str = PREFIX) -> str:
    """The id of a simulated meter: always the same for the same number."""
    return f"{prefix}{number:06X}"


def instrument(esp_id: str, site: Site, next_seq: int = 0, *, keeps: bool = True) -> Instrument:
    """A meter at a site, its ring formatted anew."""

    def shows() -> Live:
        load = site.load(time.time())
        return Live(round(load.power_w, 1), round(load.voltage_v, 1), round(load.current_a, 3))

    return Instrument(Meter(esp_id, Ring(secrets.randbits(32), next_seq), shows, keeps=keeps), site)


def fleet(n: int, zone: ZoneInfo, prefix: str = PREFIX, *, keeps: bool = True) -> list[Instrument]:
    """``n`` meters of houses, workshops and shops in turn."""
    kinds = list(APPLIANCES)
    sites = [Site(kinds[i % len(kinds)], zone, i) for i in range(n)]
    return [instrument(meter_id(i, prefix), site, keeps=keeps) for i, site in enumerate(sites, 1)]


async def work(
    some: Instrument, settings: BrokerSettings, every_s: float = EVERY_S, last: Reading | None = None
) -> None:
    """Measure and deliver for ever; ``last`` is the newest reading that is stored already."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(some.meter.run(settings))
        tasks.create_task(measure(some, every_s, last))


async def measure(some: Instrument, every_s: float = EVERY_S, last: Reading | None = None) -> None:
    """Take a reading each ``every_s`` (1 or more) seconds, after an opening one.

    A minute's readings fall on whole minutes; faster ones are spread, so that a fleet does not speak at once.
    """
    phase_s = 0.0 if every_s >= EVERY_S else every_s * chance(some.site.seed)
    due = time.time()
    last = _opening(some.site, int(due), last)
    await some.meter.take(last)
    while True:
        due = ((max(time.time(), due) - phase_s) // every_s + 1) * every_s + phase_s
        await asyncio.sleep(due - time.time())
        if int(due) > last.t:
            last = some.site.reading(int(due), int(due) - last.t, last.energia_wh or 0.0)
            await some.meter.take(last)


def _opening(site: Site, t: int, last: Reading | None) -> Reading:
    """A reading of dt 0 whose register has gone on since ``last``."""
    if last is None:
        return site.reading(t, 0, 0.0)
    return site.reading(t, 0, site.reading(t, t - last.t, last.energia_wh or 0.0).energia_wh or 0.0)
