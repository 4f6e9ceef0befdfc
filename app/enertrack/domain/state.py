"""Whether a node delivers, told from what was stored of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_FRESH: Final = timedelta(minutes=5)
_INTERVALS: Final = 3


class NodeState(StrEnum):
    """What a node's owner is told about it."""

    ACTIVE = "activo"
    CATCHING_UP = "poniendose_al_dia"
    DISCONNECTED = "desconectado"
    NO_DATA = "sin_datos"


def node_state(
    now: datetime,
    ultima_lectura: datetime | None,
    ultimo_acceso: datetime | None,
    intervalo_s: int,
    en_linea: bool | None,  # noqa: FBT001  (three-valued: the last will may never have spoken)
) -> NodeState:
    """State at ``now`` of a node that measures each ``intervalo_s`` seconds.

    ``ultima_lectura`` is the time of its newest reading, ``ultimo_acceso`` when it last delivered one,
    ``en_linea`` what its last will says (None: nothing yet).
    """
    fresh = max(_FRESH, timedelta(seconds=_INTERVALS * intervalo_s))
    if ultima_lectura is None:
        return NodeState.NO_DATA
    if en_linea is False:
        return NodeState.DISCONNECTED
    if now - ultima_lectura < fresh:
        return NodeState.ACTIVE
    if ultimo_acceso is not None and now - ultimo_acceso < fresh:
        return NodeState.CATCHING_UP
    return NodeState.DISCONNECTED
