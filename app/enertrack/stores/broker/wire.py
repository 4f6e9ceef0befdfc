"""Sockets for paho: one that reads in large pieces, and one of TLS that a failed handshake closes.

paho asks the system three times for each packet and aiomqtt takes one packet per wake of the event
loop; served from a buffer whose ``pending`` aiomqtt honours, one wake takes all that has arrived.
"""

import socket
import ssl
from typing import Final

PIECE: Final = 65_536
PIECES_A_WAKE: Final = 4
"""After so much the event loop has its turn; the system says again that there is more."""


class BufferedSocket:
    """The part of a (TLS) socket that paho uses, reading ahead."""

    def __init__(self, inner: socket.socket) -> None:
        inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._inner = inner
        self._piece = b""
        self._at = 0
        self._taken = 0
        self.fileno = inner.fileno
        self.send = inner.send
        self.close = inner.close
        self.setblocking = inner.setblocking

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes; BlockingIOError where there are none now."""
        if self._at == len(self._piece):
            self._fill()
        start = self._at
        part = self._piece[start : start + size]
        self._at = start + len(part)
        return part

    def pending(self) -> int:
        """Bytes that were read and not yet taken."""
        inner = getattr(self._inner, "pending", None)
        return len(self._piece) - self._at + (inner() if inner else 0)

    def _fill(self) -> None:
        if self._taken == PIECES_A_WAKE:
            self._taken = 0
            raise BlockingIOError
        try:
            self._piece = self._inner.recv(PIECE)
        except OSError:
            self._taken = 0
            raise
        self._taken += 1
        self._at = 0


class TlsSocket(ssl.SSLSocket):
    """Closed when the handshake fails, as paho leaves it to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002, D102 - as in ssl
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise
