"""The library's clients with one set of credentials, and how a request is given to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.client.rest import RESTClientObject

from bot.cluster.refusals import Ask, Misconfigured

_NAME = "rollout-bot"


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    One HTTP request.

    Attributes:
        ask: what it is for, in words.
        is_alone: it has a connection of its own, as every write has.

    """

    method: str
    path: str
    ask: Ask
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = "application/json"
    is_alone: bool = False


class Clients:
    """
    Closed when they are retired and nothing is under way on them any more.

    Writes have a connection for each: one that lay idle may be closed by the server at the very
    moment of a click, and then nobody could tell whether the patch was taken. So has what is read
    again and again for ever: taking turns, it would keep all connections open that a crowd once
    needed, and it would be late when one of them is dead.

    Raises:
        Misconfigured: the certificates are not there, or are none.

    """

    def __init__(self, configuration: Configuration) -> None:
        try:
            self._reads = _client(configuration)
            self._alone = _client(configuration)
            self._alone.rest_client = _FreshConnections(configuration)
        except OSError as error:  # also ssl.SSLError
            raise Misconfigured(f"The cluster's certificates are not usable: {error}") from error
        self._under_way = 0
        self._retired = False

    @asynccontextmanager
    async def send(
        self, request: Request, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send it, and give the answer, whatever it is. Raises what aiohttp raises."""
        self._under_way += 1
        try:
            shared = request.method == "GET" and not request.is_alone
            answer = await _send(self._reads if shared else self._alone, request, limits)
            try:
                yield answer
            finally:
                answer.close()  # not released: the rest of an endless answer is not wanted
        finally:
            self._under_way -= 1
            if self._retired and not self._under_way:
                await self.close()

    async def retire(self) -> None:
        """Close them as soon as nothing is under way."""
        self._retired = True
        if not self._under_way:
            await self.close()

    async def close(self) -> None:
        """Close them now."""
        await self._reads.close()
        await self._alone.close()


class _FreshConnections(RESTClientObject):  # type: ignore[misc] # the library ships no types
    """Opens a connection for each request."""

    def _create_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(limit=0, ssl=self.ssl_context, force_close=True)


def _client(configuration: Configuration) -> ApiClient:
    client = ApiClient(configuration)
    client.user_agent = _NAME
    return client


async def _send(
    client: ApiClient, request: Request, limits: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    method, url, headers, body, _ = await client.param_serialize(
        request.method,
        request.path,
        query_params=list(request.query.items()),
        header_params={"Accept": "application/json", "Content-Type": request.content_type},
        body=request.body,
        auth_settings=["BearerToken"],
    )
    answer = await client.call_api(
        method, url, header_params=headers, body=body, _request_timeout=limits
    )
    response: aiohttp.ClientResponse = answer.response
    return response
