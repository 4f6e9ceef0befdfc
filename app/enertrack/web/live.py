"""Live values: one subscription per process, fanned out to the browsers that watch; no store is asked."""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from secrets import token_hex
from typing import Final

import msgspec

from enertrack.domain.decode import Limits
from enertrack.domain.reading import Reading
from enertrack.settings import Settings
from enertrack.stores.broker import topics
from enertrack.stores.broker.client import BrokerAway, Incoming, Link, connect
from enertrack.web.values import V1, Values, after, heard, seen_since, status

ASKED_S: Final = 60
RENEW_S: Final = 30
QUEUE: Final = 64
KINDS: Final = (topics.MEDICION, topics.VIVO, topics.ESTADO, *V1)
ORDER: Final = msgspec.json.encode({"vivo": ASKED_S})


class Event(msgspec.Struct, frozen=True, gc=False):
    """What a browser shall know: the event's name and its JSON."""

    name: str
    data: str


class Watch:
    """Events for one browser; the oldest is dropped where it reads too slowly."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE)
        self._ended = False

    def put(self, event: Event | None) -> None:
        """Add an event; None ends the watch, and nothing that comes later can push that out."""
        if self._ended:
            return
        self._ended = event is None
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    async def next(self, timeout_s: float) -> Event | None:
        """The next event, None where the watch was ended; raises TimeoutError when none comes in time."""
        async with asyncio.timeout(timeout_s):
            return await self._queue.get()


class Live:
    """Newest values by meter, kept by ``listen``, and those who watch them; ``clock`` gives Unix seconds."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._limits = Limits(max_age_s=settings.enertrack_edad_maxima_dias * 86_400)
        self._values: dict[str, Values] = {}
        self._whole: set[str] = set()
        self._watches: defaultdict[str, dict[Watch, int]] = defaultdict(dict)
        self._streams: Counter[int] = Counter()
        self._wanted = asyncio.Event()
        self.connected = False
        self.online: dict[str, bool] = {}

    def values(self, esp_id: str) -> Values | None:
        """Newest values that were heard or learnt."""
        return self._values.get(esp_id)

    def unknown(self, esp_ids: Iterable[str]) -> list[str]:
        """Those of which the store may know more than we heard: all of them while the broker is away."""
        return [e for e in esp_ids if not self.connected or e not in self._whole]

    def learn(self, esp_id: str, reading: Reading | None) -> None:
        """Take the newest reading that the store has (None: none)."""
        self._whole.add(esp_id)
        if reading is not None:
            self._values[esp_id] = after(self._values.get(esp_id), reading)

    @contextlib.contextmanager
    def watch(self, since: Mapping[str, int], owner: int) -> Iterator[Watch]:
        """Events of these meters, which are asked for fast values meanwhile; the first tells of the broker.

        What was measured until its second of ``since`` is not told. ``owner`` is the user whose stream it is.
        """
        watch = Watch()
        watch.put(self._broker_event())
        for esp_id, second in since.items():
            self._watches[esp_id][watch] = second
        self._streams[owner] += 1
        self._wanted.set()
        try:
            yield watch
        finally:
            self._streams[owner] -= 1
            for esp_id in since:
                self._watches[esp_id].pop(watch, None)
                if not self._watches[esp_id]:
                    del self._watches[esp_id]

    def streams(self, owner: int) -> int:
        """How many streams that user has."""
        return self._streams[owner]

    @property
    def watched(self) -> frozenset[str]:
        """Meters that somebody watches."""
        return frozenset(self._watches)

    def ask_anew(self, esp_id: str) -> None:
        """End the watches of a meter: their browsers connect again, and who may see it is asked again."""
        for watch in self._watches.get(esp_id, ()):
            watch.put(None)

    def forget(self, esp_id: str) -> None:
        """Know nothing of a board any more: from now on it is another meter's, perhaps another person's."""
        self._values.pop(esp_id, None)
        self._whole.discard(esp_id)
        self.online.pop(esp_id, None)
        self.ask_anew(esp_id)

    def close(self) -> None:
        """End every watch, so that nobody waits for the server's end."""
        self._tell_all(None)

    async def listen(self, progress: Callable[[], None]) -> None:
        """Hear the meters until the connection is lost, which raises ``BrokerAway``; call ``progress`` meanwhile."""
        async with connect(self._settings, client_id=f"enertrack-web-{token_hex(6)}") as link:
            for kind in KINDS:
                await link.subscribe(topics.topic("+", kind), 0)
            self._whole.clear()  # what was said while we were away is only in the store
            self._set_connected(True)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._ask(link, progress))
                    tasks.create_task(self._hear(link))
            except* BrokerAway as lost:
                raise lost.exceptions[0] from None
            finally:
                self._set_connected(False)

    def _set_connected(self, connected: bool) -> None:  # noqa: FBT001 - a property with a consequence
        self.connected = connected
        self._tell_all(self._broker_event())

    def _broker_event(self) -> Event:
        return Event("broker", '{"conectado":true}' if self.connected else '{"conectado":false}')

    def _tell_all(self, event: Event | None) -> None:
        for watch in set().union(*self._watches.values()):
            watch.put(event)

    async def _ask(self, link: Link, progress: Callable[[], None]) -> None:
        """Ask the watched meters for fast values, at once when somebody comes and again before they stop."""
        asked: dict[str, float] = {}
        while True:
            progress()
            self._wanted.clear()
            now = self._clock()
            asked = {esp_id: t for esp_id, t in asked.items() if now - t < RENEW_S and esp_id in self._watches}
            for esp_id in self._watches.keys() - asked.keys():
                await link.send(topics.orden(esp_id), ORDER)
                asked[esp_id] = now
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RENEW_S / 2):
                    await self._wanted.wait()

    async def _hear(self, link: Link) -> None:
        while True:
            for message in await link.take_all():
                self._take(message)

    def _take(self, message: Incoming) -> None:
        found = topics.parse(message.topic)
        if found is None:
            return
        if found.kind == topics.ESTADO:
            self._take_status(found.esp_id, message.payload)
        elif not message.retain:
            now, known = int(self._clock()), self._values.get(found.esp_id)
            values = heard(known, found, message.payload, now, self._limits)
            if values is not None:
                if found.kind != topics.VIVO:
                    self._whole.add(found.esp_id)
                self._values[found.esp_id] = values
                self._tell_values(found.esp_id, values)

    def _take_status(self, esp_id: str, payload: bytes) -> None:
        found = status(payload)
        if found is not None:
            self.online[esp_id] = found.en_linea
            told = _event(esp_id, "estado", found)
            for watch in self._watches.get(esp_id, ()):
                watch.put(told)

    def _tell_values(self, esp_id: str, values: Values) -> None:
        told: dict[Values, Event] = {}
        for watch, since in self._watches.get(esp_id, {}).items():
            if seen := seen_since(values, since):
                if seen not in told:
                    told[seen] = _event(esp_id, "valores", seen)
                watch.put(told[seen])


def _event(esp_id: str, name: str, what: msgspec.Struct) -> Event:
    return Event(name, msgspec.json.encode({"nodo": esp_id, **msgspec.to_builtins(what)}).decode())
