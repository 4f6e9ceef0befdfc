"""Which account of the broker may do what: nothing but what its owner needs (docs/protocol.md)."""

from typing import Final

import msgspec

from enertrack.stores.broker import topics


class Rights(msgspec.Struct, frozen=True):
    """Topics that an account may publish on, those that it may receive, and the filters that it may ask for."""

    publish: tuple[str, ...]
    receive: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


class Meter(msgspec.Struct, frozen=True):
    """A board, and whether it speaks as the original (protocol 1) or as EnerTrack's (2)."""

    esp_id: str
    protocolo: int = 2

    @property
    def client_id(self) -> str:
        """The only client id that its account may have, so that nobody takes over another's connection."""
        return topics.client_id(self.esp_id)

    @property
    def rights(self) -> Rights:
        """Its own topics, literally."""
        if self.protocolo == topics.V1:
            return Rights(_each(self.esp_id, topics.V1_LEAVES))
        told = _each(self.esp_id, topics.TO_METER)
        return Rights(_each(self.esp_id, topics.FROM_METER), told, told)


def _each(esp_id: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(topics.topic(esp_id, kind) for kind in kinds)


def _hears(*kinds: str, publish: tuple[str, ...], shared: tuple[str, ...] = ()) -> Rights:
    """Hears those kinds of every meter; of the ``shared`` ones also its part as one of several."""
    topics_ = _each("+", kinds)
    return Rights(publish, topics_, (*topics_, *(topics.shared(t) for t in _each("+", shared))))


def _manages(rights: Rights) -> Rights:
    """The same, and the accounts of all others: the plugin knows no smaller right than that."""
    answers = (topics.CONTROL_ANSWERS,)
    return Rights((*rights.publish, topics.CONTROL), (*rights.receive, *answers), (*rights.subscribe, *answers))


INGEST: Final = "enertrack-ingest"
WEB: Final = "enertrack-web"
DOCTOR: Final = "enertrack-doctor"
SERVICES: Final[dict[str, Rights]] = {
    INGEST: _hears(
        *(topics.MEDICION, topics.ESTADO, topics.ACK, *topics.V1_LEAVES),
        publish=_each("+", (topics.ACK,)),
        shared=(topics.MEDICION,),
    ),
    WEB: _manages(
        _hears(*(topics.MEDICION, topics.VIVO, topics.ESTADO, *topics.V1_LEAVES), publish=_each("+", (topics.ORDEN,)))
    ),
    DOCTOR: Rights((topics.TEST,), (topics.TEST,), (topics.TEST,)),
}
"""The processes' accounts. Each hears its own words where it must: ingest its acks, the doctor its test.

People add and retire meters on the pages, so the web makes and removes the accounts of these.
"""

ORIGINAL_BOARDS: Final = "enertrack-originales"
"""The role of the account that original boards share."""
SHARED: Final = Rights(_each("+", topics.V1_LEAVES))
