"""A small SMTP server that speaks the protocol honestly and keeps what it takes: RFC 5321, AUTH PLAIN, STARTTLS."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

CRLF = b"\r\n"


@dataclass
class Taken:
    """A letter with its envelope, who signed in, and whether it came encrypted."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    user: str | None
    encrypted: bool

    @property
    def text(self) -> str:
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class Server:
    """``tls`` offers STARTTLS, ``account`` asks for that name and password, ``refuses`` takes no recipient."""

    tls: ssl.SSLContext | None = None
    account: tuple[str, str] | None = None
    refuses: bool = False
    port: int = 0
    letters: "asyncio.Queue[Taken]" = field(default_factory=asyncio.Queue)
    talks: "list[asyncio.Task[None] | None]" = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.append(task := asyncio.current_task())
        assert task
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await _Talk(self, reader, writer).hold()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            writer.close()
            await writer.wait_closed()


class _Talk:
    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.user: str | None = None
        self.encrypted = False
        self.sender, self.recipients = "", list[str]()

    async def say(self, *lines: str) -> None:
        for number, line in enumerate(lines, 1):
            code, text = line.split(" ", 1)
            self.writer.write(f"{code}{' ' if number == len(lines) else '-'}{text}".encode() + CRLF)
        await self.writer.drain()

    async def hold(self) -> None:
        await self.say("220 correo.example ESMTP")
        while line := (await self.reader.readuntil(CRLF)).decode().strip():
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self.say("221 adios")
                return
            await getattr(self, f"on_{verb.lower()}", self.unknown)(rest)

    async def unknown(self, _rest: str) -> None:
        await self.say("502 no se entiende")

    async def on_ehlo(self, _rest: str) -> None:
        offers = ["250 correo.example", "250 8BITMIME"]
        if self.server.tls and not self.encrypted:
            offers.append("250 STARTTLS")
        if self.server.account:
            offers.append("250 AUTH PLAIN")
        await self.say(*offers)

    async def on_starttls(self, _rest: str) -> None:
        assert self.server.tls
        await self.say("220 adelante")
        await self.writer.start_tls(self.server.tls)
        self.encrypted = True

    async def on_auth(self, rest: str) -> None:
        _none, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        if (user, password) != self.server.account:
            await self.say("535 no")
            return
        self.user = user
        await self.say("235 bien")

    async def on_mail(self, rest: str) -> None:
        if self.server.account and self.user is None:
            await self.say("530 ingrese antes")
            return
        self.sender, self.recipients = _address(rest), []
        await self.say("250 bien")

    async def on_rcpt(self, rest: str) -> None:
        if self.server.refuses:
            await self.say("550 no existe")
            return
        self.recipients.append(_address(rest))
        await self.say("250 bien")

    async def on_data(self, _rest: str) -> None:
        await self.say("354 termine con un punto")
        lines = []
        while (line := await self.reader.readuntil(CRLF)) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.letters.put_nowait(Taken(self.sender, self.recipients, message, self.user, self.encrypted))
        await self.say("250 guardado")


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


@contextlib.asynccontextmanager
async def listening(server: Server | None = None) -> AsyncIterator[Server]:
    """The server on a free port of this computer."""
    made = server or Server()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield made
    await asyncio.gather(*filter(None, made.talks))
