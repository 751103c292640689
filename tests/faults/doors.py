"""
The doors between the bot and the world: proxies that write down what passes, and fail as told.

They forward bytes and know no library of the bot. A fault belongs to one door, so that one replica
can be cut off while another is well.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import aiohttp
from aiohttp import web

from tests.faults.history import History, Json

HOST = "127.0.0.1"
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host", "te", "upgrade"}
_HOP |= {"content-encoding", "accept-encoding"}
_LARGEST = 16 * 2**20


@dataclass(eq=False, kw_only=True)
class Failing:
    """
    What goes wrong with requests that match.

    Attributes:
        where: which of them; for Slack by its method, for the cluster by `VERB path`.
        status: is answered instead, with *body* and *headers*.
        error: Slack's word, answered with 200.
        drop: the connection is cut `before` or `after` it was done.
        delay: seconds before anything else; `inf` for never.
        after_all: it is done, and then answered as `status` or `error` say.
        late: seconds for which the answer is held back when it is done.
        hold: the request waits at the door until this is set.
        on_arrival: called when it is there.
        times: so many requests; `inf` for all from now on.
        on_hit: called when it hits; for `after` when the work is done.

    """

    where: Callable[[str, Json], bool]
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] | None = None
    error: str = ""
    drop: str = ""
    delay: float = 0.0
    after_all: bool = False
    late: float = 0.0
    hold: asyncio.Event | None = None
    on_arrival: Callable[[], None] | None = None
    times: float = 1
    on_hit: Callable[[], None] | None = None

    def hit(self) -> None:
        """Tell that it hits."""
        if self.on_hit is not None:
            self.on_hit()


class Door:
    """One proxy. Use it as an async context manager."""

    def __init__(self, target: str, history: History, replica: str) -> None:
        self.target = target.rstrip("/")
        self.history = history
        self.replica = replica
        self.failing: list[Failing] = []
        #: asked for each request beside those that are to fail: by chance, perhaps
        self.whim: Callable[[str, Json], Failing | None] = _no_whim
        self.port = 0
        self.passing = asyncio.Event()
        self.passing.set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._open: dict[int, web.Request] = {}

    async def __aenter__(self) -> Self:
        no_limit = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(
            timeout=no_limit, connector=aiohttp.TCPConnector(limit=0), auto_decompress=False
        )
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()
        await self.session.close()

    @property
    def url(self) -> str:
        """Where the bot finds it."""
        return f"http://{HOST}:{self.port}"

    @property
    def session(self) -> aiohttp.ClientSession:
        """The way behind the door."""
        assert self._session is not None
        return self._session

    async def open(self) -> None:
        """Listen, at the same port as before."""
        if self._runner is not None:
            return
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", "/{tail:.*}", self._take)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def shut(self) -> None:
        """Refuse all connections, and break those that are open."""
        runner, self._runner = self._runner, None
        self.break_all()
        if runner is not None:
            await runner.cleanup()

    def break_all(self) -> None:
        """Break all connections that are open."""
        for request in list(self._open.values()):
            if request.transport is not None:
                request.transport.abort()

    def fall_silent(self) -> None:
        """Let nothing pass, and close nothing."""
        self.passing.clear()

    def speak_again(self) -> None:
        """Let everything pass again."""
        self.passing.set()

    def fail(self, failing: Failing) -> None:
        """Let something go wrong from now on."""
        self.failing.append(failing)

    def heal(self) -> None:
        """Everything works again."""
        self.failing.clear()
        self.whim = _no_whim
        self.speak_again()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self._open[id(request)] = request
        try:
            await self.passing.wait()
            return await self.handle(request)
        except ConnectionError:  # the bot is gone: killed in the middle of it
            return abort(request)
        finally:
            self._open.pop(id(request), None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Forward a request, write it down, and fail as told."""
        raise NotImplementedError

    def struck(self, name: str, args: Json) -> Failing | None:
        """Tell what goes wrong with this request; None: nothing."""
        for failing in self.failing:
            if failing.times > 0 and failing.where(name, args):
                failing.times -= 1
                return failing
        return self.whim(name, args)

    def forwarded(self, request: web.Request) -> dict[str, str]:
        """Give the headers that go on."""
        return {k: v for k, v in request.headers.items() if k.lower() not in _HOP}

    async def delayed(self, failing: Failing) -> None:
        """Wait as it is told, perhaps for ever."""
        if failing.on_arrival is not None:
            failing.on_arrival()
        if failing.hold is not None:
            await failing.hold.wait()
        if failing.delay == float("inf"):
            await asyncio.Event().wait()
        await asyncio.sleep(failing.delay)


def _no_whim(_name: str, _args: Json) -> None:
    """Let everything pass."""


def abort(request: web.Request) -> web.Response:
    """Cut the connection instead of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


def kept(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Give the headers that come back."""
    return {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
