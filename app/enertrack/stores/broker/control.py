"""Commands to Mosquitto's dynamic security: JSON on ``$CONTROL``, each answered to the one who asked."""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator, Collection
from typing import Any, Final

import msgspec

from enertrack.stores.broker import topics
from enertrack.stores.broker.accounts import AccountsFailed
from enertrack.stores.broker.client import BrokerAway, BrokerSettings, Link, connect

ANSWER_S: Final = 10.0

EXISTS: Final = frozenset({"Client already exists", "Role already exists"})
MISSING: Final = frozenset({"Client not found", "Role not found"})

Command = dict[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """What the plugin says to one command; ``error`` is one of those that were expected."""

    command: str = ""
    error: str | None = None
    data: dict[str, Any] = {}
    correlationData: str = ""  # noqa: N815 - the plugin's name


class _Answers(msgspec.Struct, frozen=True):
    responses: list[Answer]


class Control:
    """A conversation with the plugin."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers = itertools.count(1)

    async def ask(self, *commands: Command, expected: Collection[str] = ()) -> list[Answer]:
        """Have the plugin do this, in this order; the answers, one for each.

        Raises BrokerAway where none comes, AccountsFailed for an error that is not ``expected``.
        """
        token = f"enertrack-{next(self._numbers)}"
        order = {"commands": [{**command, "correlationData": token} for command in commands]}
        answers: list[Answer] = []
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._link.publish(topics.CONTROL, msgspec.json.encode(order))
                while len(answers) < len(commands):
                    answers += [a for a in await self._heard() if a.correlationData == token]
        except TimeoutError:
            reason = "no contesta sobre sus cuentas: revise el complemento dynamic-security y la cuenta que lo maneja"
            raise BrokerAway(reason) from None
        for answer in answers:
            if answer.error is not None and answer.error not in expected:
                reason = f"el broker no pudo con {answer.command}: {answer.error}"
                raise AccountsFailed(reason)
        return answers

    async def one(self, command: Command, expected: Collection[str] = ()) -> Answer:
        """The answer to a single command."""
        return (await self.ask(command, expected=expected))[0]

    async def _heard(self) -> list[Answer]:
        answers = []
        for message in await self._link.take_all():
            with contextlib.suppress(msgspec.DecodeError):
                answers += msgspec.json.decode(message.payload, type=_Answers).responses
        return answers


@contextlib.asynccontextmanager
async def control(settings: BrokerSettings) -> AsyncIterator[Control]:
    """A connection by the account that the settings tell, which must manage the others. Raises BrokerAway."""
    async with connect(settings, client_id=f"enertrack-cuentas-{secrets.token_hex(6)}") as link:
        await link.subscribe(topics.CONTROL_ANSWERS)
        yield Control(link)
