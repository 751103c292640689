"""
Before a port: how many connections there may be, and how long each may take for a request.

    connection ─▶ room? ─▶ head within 10 s ─▶ whole request, answered, within 15 s ─▶ the next one
    begins within 30 s ─▶ …

aiohttp waits for ever for the end of a request's head and of its body; a few hundred clients that
send a byte now and then would keep everybody else out. When all places are taken, who does nothing,
or has taken longest, makes room.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """
    What is allowed.

    Attributes:
        connections: at the same time.
        head, whole, idle: seconds for a request's head, for a request with its answer, and until
            the next request begins.
        least: seconds that everybody has, also when all places are taken.

    """

    connections: int = 200
    head: float = 10.0
    whole: float = 15.0
    idle: float = 30.0
    least: float = 1.0


class Gate:
    """
    One port. Use its *middleware* in the application that is served.

    Args:
        patience: what is allowed.

    Attributes:
        address: where it listens, also if the system chose; None: it does not.

    """

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._inside: dict[asyncio.BaseTransport, _Passage] = {}
        self._server: asyncio.Server | None = None
        self.address: tuple[str, int] | None = None
        self._told = float("-inf")

    async def open(self, runner: web.AppRunner, host: str | None, port: int) -> tuple[str, int]:
        """Listen, with the server of a runner that is set up; where. Raises OSError."""
        make = runner.server
        if make is None:
            raise RuntimeError("the runner is not set up")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Passage(self, make()), host, port)
        name = self._server.sockets[0].getsockname()
        self.address = str(name[0]), int(name[1])
        return self.address

    def close(self) -> None:
        """Listen no more; connections that are open stay until the runner ends them."""
        if self._server is not None:
            self._server.close()
            self._server = self.address = None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request take so long, and no longer."""
        passage = self._inside.get(request.transport) if request.transport else None
        if passage:
            passage.begins()
        try:
            async with asyncio.timeout(self.patience.whole):
                return await handler(request)
        except TimeoutError:
            late = web.Response(status=408)
            late.force_close()
            return late
        finally:
            if passage:
                passage.ends()

    def admit(self, transport: asyncio.BaseTransport, passage: "_Passage") -> bool:
        """Let a connection in, if there is room, or if another one can make room."""
        if len(self._inside) >= self.patience.connections:
            self._tell()
            longest = max(self._inside.values(), key=lambda one: (one.is_idle, -one.since))
            if not longest.is_idle and time.monotonic() - longest.since < self.patience.least:
                return False
            longest.end()
        self._inside[transport] = passage
        return True

    def _tell(self) -> None:
        """Log it once a minute."""
        if time.monotonic() - self._told > 60:
            self._told = time.monotonic()
            _log.warning(
                "%d connections are open: there is no room for more",
                len(self._inside),
                extra={"action": "connections_full", "count": len(self._inside)},
            )

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        self._inside.pop(transport, None)


class _Passage(asyncio.Protocol):
    """One connection: what comes goes on to the server, as long as it comes in time."""

    def __init__(self, gate: Gate, server: asyncio.Protocol) -> None:
        self._gate = gate
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_inside = False
        self.is_idle = False  #: the next request has not begun
        self.since = time.monotonic()  #: when what it does now began

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a socket's is one
        self._transport = transport
        if not self._gate.admit(transport, self):
            transport.abort()
            return
        self._is_inside = True
        self._within(self._gate.patience.head)
        self._server.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.is_idle:
            self.is_idle = False
            self._within(self._gate.patience.head)
        if self._is_inside:
            self._server.data_received(data)

    def eof_received(self) -> bool | None:
        return self._server.eof_received() if self._is_inside else None

    def pause_writing(self) -> None:
        if self._is_inside:
            self._server.pause_writing()

    def resume_writing(self) -> None:
        if self._is_inside:
            self._server.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self._transport is not None:
            self._gate.leave(self._transport)
        if self._is_inside:
            self._is_inside = False
            self._server.connection_lost(exc)

    def begins(self) -> None:
        """The head of a request has come: from here on the middleware counts."""
        self._stop()
        self.since = time.monotonic()

    def end(self) -> None:
        """Make room for somebody else."""
        if self._transport is not None:
            self._gate.leave(self._transport)
            self._transport.abort()

    def ends(self) -> None:
        """A request was handled: the answer is to be read, and the next one may begin."""
        self.is_idle = True
        self._within(self._gate.patience.idle)

    def _within(self, seconds: float) -> None:
        self._stop()
        self.since = time.monotonic()
        if self._is_inside and self._transport is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(seconds, self._transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
