"""
The doors between the bot and the world: proxies that write down what passes, and fail as told.

They forward bytes and know no library of the bot. A fault belongs to one door, so that one replica
can be cut off while another is well.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.faults.history import Call, History, Json, Write

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
        pass_first: bytes of the answer that come through before the connection is cut.
        times: so many requests.
        on_hit: called when it hits; for `after` when the work is done.

    """

    where: Callable[[str, Json], bool]
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] | None = None
    error: str = ""
    drop: str = ""
    delay: float = 0.0
    pass_first: int = -1
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
        self.port = 0
        self.passing = asyncio.Event()
        self.passing.set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._open: dict[int, web.Request] = {}

    async def __aenter__(self) -> "Door":
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
        self.speak_again()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self._open[id(request)] = request
        try:
            await self.passing.wait()
            return await self.handle(request)
        except ConnectionError:  # the bot is gone: killed in the middle of it
            return _abort(request)
        finally:
            self._open.pop(id(request), None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Forward a request, write it down, and fail as told."""
        raise NotImplementedError

    def _hit(self, name: str, args: Json) -> Failing | None:
        for failing in self.failing:
            if failing.times > 0 and failing.where(name, args):
                failing.times -= 1
                return failing
        return None

    def _forwarded(self, request: web.Request) -> dict[str, str]:
        return {k: v for k, v in request.headers.items() if k.lower() not in _HOP}

    async def _delayed(self, seconds: float) -> None:
        if seconds == float("inf"):
            await asyncio.Event().wait()
        await asyncio.sleep(seconds)


def _abort(request: web.Request) -> web.Response:
    """Cut the connection instead of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)


class ClusterDoor(Door):
    """
    The door to the API server.

    Args:
        target: its address.
        history: where writes are written down.
        replica: whose door it is.
        ledger: the bot's SQLite file, looked at when a write arrives.

    """

    def __init__(
        self, target: str, history: History, replica: str, ledger: Path | None = None
    ) -> None:
        super().__init__(target, history, replica)
        self._ledger = ledger

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """See `Door`."""
        name, query = f"{request.method} {request.path}", dict(request.query)
        body = await request.read()
        began, audited = time.monotonic(), self._audited(request)
        failing = self._hit(name, query)
        if failing is not None:
            await self._delayed(failing.delay)
            if failing.drop == "before":
                failing.hit()
                self._write(request, body, began, 0, audited)
                return _abort(request)
            if failing.status:
                failing.hit()
                self._write(request, body, began, failing.status, audited)
                return web.Response(
                    status=failing.status, body=failing.body, headers=failing.headers or {}
                )
        return await self._pass(request, body, failing, began, audited)

    async def _pass(
        self,
        request: web.Request,
        body: bytes,
        failing: Failing | None,
        began: float,
        audited: int,
    ) -> web.StreamResponse:
        state = self.history.latest(_key(request.path)) if "/rollouts/" in request.path else None
        async with self.session.request(
            request.method,
            f"{self.target}{request.path_qs}",
            data=body or None,
            headers=self._forwarded(request),
        ) as answer:
            if request.method != "GET":
                content = await answer.read()
                self._write(request, body, began, answer.status, audited, state)
                if failing is not None and failing.drop == "after":
                    failing.hit()
                    return _abort(request)
                return web.Response(status=answer.status, body=content, headers=_kept(answer))
            return await self._stream(request, answer, failing)

    async def _stream(
        self, request: web.Request, answer: aiohttp.ClientResponse, failing: Failing | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=_kept(answer))
        await response.prepare(request)
        left = failing.pass_first if failing is not None else -1
        async for piece in answer.content.iter_any():
            await self.passing.wait()
            if 0 <= left < len(piece):
                await response.write(piece[:left])
                if failing is not None:
                    failing.hit()
                return _abort(request)
            left -= len(piece) if left >= 0 else 0
            await response.write(piece)
        return response

    def _write(
        self,
        request: web.Request,
        body: bytes,
        began: float,
        status: int,
        audited: int,
        before: Any = None,
    ) -> None:
        if request.method == "GET" or "/selfsubject" in request.path:
            return
        with suppress(ValueError):
            body = json.loads(body)
        self.history.writes.append(
            Write(
                at=began,
                ended=time.monotonic(),
                replica=self.replica,
                method=request.method,
                path=request.path,
                body=body,
                status=status,
                before=before,
                audited=audited,
            )
        )

    def _audited(self, request: web.Request) -> int:
        """Count the entries about this rollout that stand in the ledger now."""
        if self._ledger is None or request.method != "PATCH" or "/rollouts/" not in request.path:
            return -1
        namespace, _, name = _key(request.path).partition("/")
        question = "select count(*) from ledger where namespace = ? and name = ?"
        try:
            with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as database:
                return int(database.execute(question, (namespace, name)).fetchone()[0])
        except sqlite3.Error:
            return -1


def _key(path: str) -> str:
    parts = path.split("/")
    if "rollouts" not in parts or len(parts) <= parts.index("rollouts") + 1:
        return ""
    return f"{parts[parts.index('namespaces') + 1]}/{parts[parts.index('rollouts') + 1]}"


def _kept(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}


class SlackDoor(Door):
    """The door to Slack: Web API, response URLs, and the socket."""

    def __init__(self, target: str, history: History, replica: str) -> None:
        super().__init__(target, history, replica)
        self.links: set[web.WebSocketResponse] = set()
        self.linked_at = float("-inf")  #: when the newest link was opened

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """See `Door`."""
        if request.path == "/link":
            return await self._link(request)
        body = await request.read()
        is_method = request.path.startswith("/api/")
        method = request.path.rpartition("/")[2] if is_method else "response_url"
        args, began = _arguments(request, body), time.monotonic()
        failing = self._hit(method, args)
        if failing is None:
            return await self._pass(request, body, (method, args, began), None)
        await self._delayed(failing.delay)
        if failing.drop == "before":
            failing.hit()
            self._call(method, args, began, done=False, told="dropped")
            return _abort(request)
        if failing.status or failing.error:
            failing.hit()
            after = float((failing.headers or {}).get("Retry-After", "0") or 0)
            self._call(
                method,
                args,
                began,
                done=False,
                told=failing.error or str(failing.status),
                retry_after=after,
            )
            text = json.dumps({"ok": False, "error": failing.error}).encode()
            return web.Response(
                status=failing.status or 200,
                body=failing.body or text,
                headers={"Content-Type": "application/json", **(failing.headers or {})},
            )
        return await self._pass(request, body, (method, args, began), failing)

    async def _pass(
        self,
        request: web.Request,
        body: bytes,
        call: tuple[str, Json, float],
        failing: Failing | None,
    ) -> web.StreamResponse:
        async with self.session.request(
            request.method,
            f"{self.target}{request.path_qs}",
            data=body or None,
            headers=self._forwarded(request),
        ) as answer:
            content = await answer.read()
            said = _json(content)
        method, args, began = call
        word = str(said.get("error", "ok")) if said else "ok"
        done = answer.status == 200 and (said.get("ok", True) if said else True)
        is_lost = failing is not None and failing.drop == "after"
        after = answer.headers.get("Retry-After", "0")
        self._call(
            method,
            args,
            began,
            done=bool(done),
            told="dropped" if is_lost else word,
            ts=str(said.get("ts", args.get("ts", ""))),
            retry_after=float(after) if after.isdecimal() else 0.0,
        )
        if failing is not None and is_lost:
            failing.hit()
            return _abort(request)
        if "url" in said and "/link" in str(said["url"]):
            said["url"] = f"ws://{HOST}:{self.port}/link{str(said['url']).partition('/link')[2]}"
            content = json.dumps(said).encode()
        return web.Response(status=answer.status, body=content, headers=_kept(answer))

    def _call(
        self,
        method: str,
        args: Json,
        began: float,
        *,
        done: bool,
        told: str,
        ts: str = "",
        retry_after: float = 0.0,
    ) -> None:
        self.history.calls.append(
            Call(
                at=began,
                ended=time.monotonic(),
                replica=self.replica,
                method=method,
                args=args,
                done=done,
                told=told,
                ts=ts,
                retry_after=retry_after,
            )
        )

    # --- the socket -----------------------------------------------------------------------------

    def drop_links(self) -> None:
        """Break all sockets without a word."""
        for link in list(self.links):
            transport = link._req.transport if link._req is not None else None
            if transport is not None:
                transport.abort()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        here = web.WebSocketResponse(autoping=False)
        await here.prepare(request)
        self.links.add(here)
        self.linked_at = time.monotonic()
        try:
            async with self.session.ws_connect(
                f"{self.target}{request.path_qs}", autoping=False
            ) as there:
                ways = [
                    asyncio.create_task(self._carry(here, there)),
                    asyncio.create_task(self._carry(there, here)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await here.close()
        finally:
            self.links.discard(here)
        return here

    async def _carry(self, source: Any, target: Any) -> None:
        async for message in source:
            await self.passing.wait()
            if target.closed:
                return
            sends: dict[aiohttp.WSMsgType, Callable[[Any], Awaitable[None]]] = {
                aiohttp.WSMsgType.TEXT: target.send_str,
                aiohttp.WSMsgType.BINARY: target.send_bytes,
                aiohttp.WSMsgType.PING: target.ping,
                aiohttp.WSMsgType.PONG: target.pong,
            }
            if message.type not in sends:
                return
            data = message.data
            if message.type is aiohttp.WSMsgType.TEXT:  # answers come through this door too
                data = data.replace(self.target, self.url)
            with suppress(ConnectionError):
                await sends[message.type](data)


def _arguments(request: web.Request, body: bytes) -> Json:
    """Read the arguments of a call: of the query, a form, or JSON."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        return args | _json(body)
    form = dict(parse_qsl(body.decode(errors="replace")))
    return args | {key: _json(value.encode()) or value for key, value in form.items()}


def _json(content: bytes) -> Json:
    with suppress(ValueError):
        found = json.loads(content)
        return found if isinstance(found, dict) else {}
    return {}
