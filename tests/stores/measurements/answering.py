"""A real HTTP server that gives the answers which InfluxDB, or a proxy before it, gives only under stress."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

Answer = bytes | None
"""What is sent back as it stands; None cuts the connection."""


def answer(status: int, body: str = "", **headers: str) -> bytes:
    """An HTTP answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in named.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def told(status: int, code: str, message: str) -> bytes:
    """An answer in InfluxDB's form."""
    return answer(status, f'{{"code":"{code}","message":"{message}"}}', Content_Type="application/json")


class Answering:
    """Answers each request by ``reply``, called with the path and body; ``asked`` keeps both."""

    def __init__(self, reply: Callable[[str, bytes], Answer]) -> None:
        self.reply = reply
        self.asked: list[tuple[str, bytes]] = []
        self.url = ""
        self.connections: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = (asyncio.IncompleteReadError, ConnectionError)
        try:
            with contextlib.suppress(*gone):
                await self.converse(reader, writer)
        finally:
            writer.transport.abort()
            with contextlib.suppress(*gone):
                await writer.wait_closed()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            path = head.split(" ")[1]
            self.asked.append((path, body))
            sent = self.reply(path, body)
            if sent is None:
                break
            writer.write(sent)
            await writer.drain()


@contextlib.asynccontextmanager
async def answering(reply: Callable[[str, bytes], Answer]) -> AsyncIterator[Answering]:
    """A server that answers by ``reply`` on a free port of 127.0.0.1."""
    served = Answering(reply)
    server = await asyncio.start_server(served.accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    served.url = f"http://{host}:{port}"
    try:
        yield served
    finally:
        server.close()
        for connection in served.connections:
            connection.cancel()
        await asyncio.gather(*served.connections, return_exceptions=True)
