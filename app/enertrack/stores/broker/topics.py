"""The topics of a meter, built and taken apart.

``enertrack/<id>/<kind>``: the id is 12 upper-case hex digits, or 8 for boards of the original.
"""

import re
from typing import Final, NamedTuple

MEDICION: Final = "medicion"
ACK: Final = "ack"
ESTADO: Final = "estado"
VIVO: Final = "vivo"
ORDEN: Final = "orden"
CONFIG: Final = "config"
OTA: Final = "ota"
FROM_METER: Final = (MEDICION, ESTADO, VIVO, f"{CONFIG}/actual", f"{OTA}/estado")
TO_METER: Final = (ACK, ORDEN, CONFIG, OTA)
CONTROL: Final = "$CONTROL/dynamic-security/v1"
"""Where Mosquitto's dynamic security takes commands, and where it answers who asked."""
CONTROL_ANSWERS: Final = f"{CONTROL}/response"
TEST: Final = "enertrack-doctor/prueba"
"""Where ``enertrack doctor`` speaks to itself."""

V1: Final = 1
"""The protocol of the original's boards."""
V1_LEAVES: Final = ("tension", "corriente", "fp", "frecuencia", "potencia_prom", "consumo", "energy_raw")
"""What a board of the original publishes, one number a topic."""

_TOPIC: Final = re.compile(r"enertrack/([0-9A-F]{12}|[0-9A-F]{8})/([a-z_]+(?:/[a-z_]+)?)")
_ID: Final = re.compile(r"[0-9A-F]{12}|[0-9A-F]{8}")
V1_ID_LENGTH: Final = 8


class MeterTopic(NamedTuple):
    """A topic's meter and what it carries."""

    esp_id: str
    kind: str


def topic(esp_id: str, kind: str) -> str:
    """The topic of one meter, or of every one where ``esp_id`` is ``+``."""
    return f"enertrack/{esp_id}/{kind}"


def shared(name: str) -> str:
    """The subscription by which several ingests share a topic's messages."""
    return f"$share/ingest/{name}"


def client_id(esp_id: str) -> str:
    """The client id of a meter."""
    return f"enertrack-{esp_id}"


def medicion(esp_id: str) -> str:
    """Where a meter's readings arrive."""
    return topic(esp_id, MEDICION)


def ack(esp_id: str) -> str:
    """Where a meter hears what is stored."""
    return topic(esp_id, ACK)


def estado(esp_id: str) -> str:
    """Where a meter says that it is there, and its last will that it is not."""
    return topic(esp_id, ESTADO)


def vivo(esp_id: str) -> str:
    """Where a meter's live values arrive while they are asked for."""
    return topic(esp_id, VIVO)


def orden(esp_id: str) -> str:
    """Where a meter takes orders."""
    return topic(esp_id, ORDEN)


def parse(name: str) -> MeterTopic | None:
    """The meter and the kind of a topic, None for one that is not a meter's."""
    found = _TOPIC.fullmatch(name)
    return MeterTopic(found[1], found[2]) if found else None


def is_control(name: str) -> bool:
    """Whether this is a topic of Mosquitto's dynamic security."""
    return name.startswith(CONTROL)


def is_meter_id(text: str) -> bool:
    """Whether this can be a meter's id."""
    return _ID.fullmatch(text) is not None
