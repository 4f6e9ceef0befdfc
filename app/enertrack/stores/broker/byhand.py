"""Brokers whose accounts EnerTrack does not manage: a person makes them there."""

from collections.abc import Sequence

from enertrack.stores.broker import topics
from enertrack.stores.broker.accounts import ServiceAccount
from enertrack.stores.broker.rights import Meter, Rights


class ByHand:
    """The adapter that does nothing; ``instructions`` says what is to be done there."""

    async def grant(self, meter: Meter) -> None:
        """Nothing: see ``instructions``."""

    async def revoke(self, meter: Meter) -> bool:  # noqa: ARG002
        """Nothing: the account is to be removed there."""
        return False

    async def meters(self) -> None:
        """Nobody can tell."""

    async def set_up(self, wanted: Sequence[ServiceAccount]) -> list[str]:  # noqa: ARG002
        """Nothing is changed."""
        return []


def instructions(user: str, rights: Rights, client_id: str | None = None) -> str:
    """What a person does at such a broker, in Spanish; it has no accounts that EnerTrack would manage."""
    lines = [f"cree en su broker la cuenta {user}, con una clave larga, que solo pueda:"]
    lines += [f"  publicar en {topic}" for topic in rights.publish if not topics.is_control(topic)]
    lines += [f"  suscribirse a {topic}" for topic in rights.subscribe if not topics.is_control(topic)]
    if client_id:
        lines.append(f"y, si su broker puede, que solo entre con el identificador de cliente {client_id}")
    return "\n".join(lines)
