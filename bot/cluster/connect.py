"""
One shared connection to the API server.

It is that of `kubernetes.aio` (TLS, tokens, exec plugins, proxies are its trade); what comes over
it is read by us. Credentials that are refused (401) are read anew once: bound tokens and those of
exec plugins live for minutes only.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Self

import aiohttp
from kubernetes.aio.client import Configuration

from bot.cluster.clients import Clients, Request
from bot.cluster.configuration import load_configuration
from bot.cluster.outage import Outage
from bot.cluster.refusals import (
    NO_ANSWER,
    Ask,
    Denied,
    Misconfigured,
    Silent,
    from_answer,
    from_failure,
)
from bot.release.errors import Unreachable

log = logging.getLogger(__name__)

CALL = 5.0  #: seconds for one call
_RENEWAL = 30.0  #: seconds to read credentials anew; an exec plugin asks its cloud
_CONNECT = 5.0
_UNAUTHORIZED = 401


def _now() -> datetime:
    return datetime.now(UTC)


class Connection:
    """
    All requests of this process to one API server. Use it as an async context manager.

    Args:
        load: reads the configuration; called again when credentials are refused.
        now: the time of day, UTC.
        call: seconds for one call.

    Attributes:
        now, call: as given.
        failing_since: since when no request got any answer; None: the last one did.
        outage: the last time when the server was away.
        date: the server's own time with its last answer, as HTTP writes it.

    """

    def __init__(
        self,
        load: Callable[[], Awaitable[Configuration]] = load_configuration,
        *,
        now: Callable[[], datetime] = _now,
        call: float = CALL,
    ) -> None:
        self._load = load
        self.now = now
        self.call = call
        self._clients: Clients | None = None
        self._renewal: asyncio.Task[None] | None = None
        self.failing_since: datetime | None = None
        self.outage = Outage()
        self.date = ""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """
        Read the configuration. Nothing is asked of the server yet.

        Raises:
            Misconfigured: there is none, or it cannot be read.

        """
        self._clients = Clients(await self._load())

    async def close(self) -> None:
        """End all requests."""
        if self._renewal is not None:
            self._renewal.cancel()
        if self._clients is not None:
            await self._clients.close()

    async def request(self, request: Request, *, within: float | None = None) -> bytes:
        """
        Send it and return the body of the answer.

        A read whose connection broke is sent once more at once; a write never is.

        Args:
            request: what to ask.
            within: seconds until the whole answer must be there; None: those of one call.

        Raises:
            Refusal: the server answered something else than success, or not in time.

        """
        try:
            async with asyncio.timeout(within or self.call):
                try:
                    return await self._body_of(request)
                except aiohttp.ClientConnectionError as error:
                    if request.method != "GET" or isinstance(error, TimeoutError):
                        raise
                    return await self._body_of(request)
        except NO_ANSWER as error:
            raise self._no_answer(error, request.ask) from error

    @asynccontextmanager
    async def stream(
        self, request: Request, *, opening: float, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """
        Send it and give the answer as it comes, in pieces of any size.

        Args:
            request: what to ask.
            opening: seconds until the answer must begin.
            silence: seconds without a byte after which the line counts as dead.

        Raises:
            Silent: the line is dead.
            Refusal: the request was refused, or the line broke.

        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=silence)
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(opening):
                    answer = await stack.enter_async_context(self._answer_to(request, limits))
                    await _ensure_success(answer, request.ask)
            except NO_ANSWER as error:
                raise self._no_answer(error, request.ask) from error
            self._succeeded()
            yield self._pieces(answer, request.ask)

    async def _pieces(self, answer: aiohttp.ClientResponse, ask: Ask) -> AsyncIterator[bytes]:
        try:
            async for piece in answer.content.iter_any():
                self._succeeded()
                yield piece
        except aiohttp.ServerTimeoutError as error:
            raise Silent(f"The cluster fell silent: {ask}.") from error
        except NO_ANSWER as error:
            raise self._no_answer(error, ask) from error

    async def _body_of(self, request: Request) -> bytes:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT)  # the caller has a limit
        async with self._answer_to(request, limits) as answer:
            body = await answer.read()
            self.failing_since, self.date = None, answer.headers.get("Date", "")
            await _ensure_success(answer, request.ask)
            self._succeeded()
            return body

    @asynccontextmanager
    async def _answer_to(
        self, request: Request, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Give the answer, whatever it is; after a 401 that to the same request, once more."""
        clients = self._clients
        if clients is None:
            raise RuntimeError("the connection is not open")
        async with clients.send(request, limits) as answer:
            if answer.status != _UNAUTHORIZED:
                yield answer
                return
        clients = await self._renewed(clients)
        async with clients.send(request, limits) as answer:
            yield answer

    async def _renewed(self, refused: Clients) -> Clients:
        """Give clients with new credentials; all that were refused together share the renewal."""
        if self._clients is refused:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew(refused))
            # A plugin may need longer than this request has: the renewal goes on without it.
            await asyncio.shield(self._renewal)
        if self._clients is None or self._clients is refused:
            raise Denied("The cluster refuses my credentials (401).")
        return self._clients

    async def _renew(self, refused: Clients) -> None:
        log.info("The cluster refused my credentials; I read them anew.", extra={"action": "renew"})
        try:
            async with asyncio.timeout(_RENEWAL):
                self._clients = Clients(await self._load())
        except (Misconfigured, TimeoutError) as error:
            raise Denied(
                "The cluster refuses my credentials (401), and new ones cannot be read."
            ) from error
        await refused.retire()

    def _succeeded(self) -> None:
        self.failing_since = None
        self.outage.ends(self.now())

    def _no_answer(self, error: BaseException, ask: Ask) -> Unreachable:
        self.failing_since = self.failing_since or self.now()
        self.outage.begins(self.failing_since)
        return from_failure(error, ask, self.failing_since)


async def _ensure_success(answer: aiohttp.ClientResponse, ask: Ask) -> None:
    if not answer.ok:
        body = await answer.read()
        raise from_answer(answer.status, body, answer.headers.get("Retry-After", ""), ask)
