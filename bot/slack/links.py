"""
Socket Mode: links to Slack that are kept up.

Two links by default: Slack refreshes each every few hours, and a link that is silently dead is
noticed after some seconds only; meanwhile the other one takes what comes.

slack_sdk's client reconnects by itself, with three weaknesses that are mended here: it goes on with
an address whose ticket is used up, for ever; it has no timeout shorter than five minutes; and it
measures silence by the clock on the wall, which may be set.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.slack.calls import Calls
from bot.slack.connection import make_client, proxy_for
from bot.slack.credentials import APP_TOKEN, Sleep, patiently
from bot.slack.entrance import Entrance
from bot.slack.redact import redact

_log = logging.getLogger(__name__)

OPEN = "apps.connections.open"
PING_INTERVAL = 5.0
COUNT = 2
HANDSHAKE = aiohttp.ClientTimeout(total=10, connect=5)
#: Closing politely may take so long; a dead link never answers.
GOODBYE = 1.0
#: What has been delivered is acknowledged before; that takes a database's moment, or a second.
ACKS = 1.5
_TURNS = 5  # of the loop: between the queue and its handler a payload is nowhere for a moment


class Handler(AsyncSocketModeHandler):
    """Knows how many payloads it has not acknowledged yet."""

    def __init__(self, entrance: Entrance, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._entrance = entrance
        self._busy = 0
        self._calm = asyncio.Event()
        self._calm.set()

    async def handle(self, client: Any, req: Any) -> None:
        """Have a payload acknowledged."""
        self._busy += 1
        self._calm.clear()
        try:
            answer = await self._entrance.take(req.payload)
            await send_async_response(client, req, answer, time.time())
        finally:
            self._busy -= 1
            if not self._busy:
                self._calm.set()

    async def be_done(self) -> None:
        """Wait for a moment in which all that came by the link is acknowledged."""
        self.client.auto_reconnect_enabled = False
        while True:
            await self._calm.wait()
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if self._calm.is_set() and self.client.message_queue.empty():
                return


class Quiet(logging.Filter):
    """slack_sdk repeats itself, with tracebacks, as long as Slack is away: once is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._last = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what is new, in one line and without tickets."""
        said = redact(record.getMessage())
        record.msg, record.args, record.exc_info, record.exc_text = said, (), None, None
        is_new, self._last = said != self._last, said
        return is_new


_sdk_log = logging.getLogger("bot.slack.links.sdk")
_sdk_log.setLevel(logging.WARNING)
_sdk_log.addFilter(Quiet())


class Links:
    """
    Keeps links to Slack up.

    Args:
        app: Bolt's, for its handler.
        entrance: what takes the payloads.
        token: the app-level token.
        api_url: as for make_client.
        on_hello: told the id of our app.

    """

    def __init__(
        self,
        app: AsyncApp,
        entrance: Entrance,
        token: str,
        api_url: str,
        on_hello: Callable[[str], None],
        *,
        count: int = COUNT,
        ping_interval: float = PING_INTERVAL,
    ) -> None:
        self._app = app
        self._entrance = entrance
        self._token = token
        self._api_url = api_url
        self._on_hello = on_hello
        self._count = count
        self._ping_interval = ping_interval
        self._handlers: list[Handler] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a payload could come in now."""
        return any(_is_up(handler.client) for handler in self._handlers)

    async def start(self, session: aiohttp.ClientSession, sleep: Sleep = asyncio.sleep) -> None:
        """
        Connect, however long it takes.

        Raises:
            Denied: Slack refuses the app-level token.

        """
        client = make_client(self._token, session, self._api_url)
        answer = await patiently(Calls(client), OPEN, token=APP_TOKEN, sleep=sleep)
        for _ in range(self._count):
            handler = Handler(
                self._entrance,
                self._app,
                self._token,
                logger=_sdk_log,
                web_client=client,
                ping_interval=self._ping_interval,
            )
            await self._mend(handler.client)
            self._handlers.append(handler)
        first = self._handlers[0]
        first.client.wss_uri = str(answer["url"])
        self._tasks.append(asyncio.create_task(self._watch()))
        await _connect(first)
        for handler in self._handlers[1:]:
            self._tasks.append(asyncio.create_task(_connect(handler)))

    async def stop(self) -> None:
        """Say goodbye and hear nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ACKS):
                await asyncio.gather(*(handler.be_done() for handler in self._handlers))
        await asyncio.gather(*(_close(handler) for handler in self._handlers))
        self._tasks, self._handlers = [], []

    async def _mend(self, client: SocketModeClient) -> None:
        await client.aiohttp_client_session.close()
        client.aiohttp_client_session = aiohttp.ClientSession(timeout=HANDSHAKE)
        client.proxy = proxy_for(self._api_url)
        client.is_ping_pong_failing = _no  # type: ignore[method-assign] # goes by the clock on the
        # wall: one that is set forward would end all links. aiohttp's heartbeat notices the dead.
        client.message_listeners.append(self._heard)

    async def _heard(self, _client: Any, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._on_hello(str((message.get("connection_info") or {}).get("app_id", "")))

    async def _watch(self) -> None:
        """Let links that are down ask for a new address, and tell when all are down."""
        down_since: float | None = None
        while True:
            await asyncio.sleep(self._ping_interval / 2)
            for handler in self._handlers:
                if not _is_up(handler.client):
                    handler.client.wss_uri = None
            if self.is_connected and down_since is not None:
                seconds = time.monotonic() - down_since
                down_since = None
                _log.warning(
                    "Slack is connected again after %.0f s", seconds, extra={"action": "links_up"}
                )
            elif not self.is_connected and down_since is None:
                down_since = time.monotonic()
                _log.warning(
                    "No link to Slack: commands and buttons do not arrive; I go on connecting",
                    extra={"action": "links_down"},
                )


async def _no() -> bool:
    return False


def _is_up(client: SocketModeClient) -> bool:
    socket = client.current_session
    return not client.closed and socket is not None and not socket.closed


async def _connect(handler: Handler) -> None:
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt left it out


async def _close(handler: Handler) -> None:
    client = handler.client
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(GOODBYE):
            await handler.close_async()  # type: ignore[no-untyped-call]
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    for task in tasks:
        if task is not None:
            task.cancel()
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
    await client.aiohttp_client_session.close()
