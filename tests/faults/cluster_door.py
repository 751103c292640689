"""The door to the API server: it writes down what is written, and looks at the ledger meanwhile."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from tests.faults.books import Books
from tests.faults.doors import Door, Failing, abort, kept
from tests.faults.history import History, Read, State, Write


@dataclass(eq=False)
class Stream:
    """
    One watch that the bot has open.

    Attributes:
        path: of what.
        since: when it was opened.
        mute: nothing comes through any more, and nothing is closed.
        is_cut: the next line breaks off in its middle.
        said: how many lines came through.

    """

    path: str
    since: float
    response: web.StreamResponse
    request: web.Request
    mute: bool = False
    is_cut: bool = False
    said: int = 0

    def end(self) -> None:
        """Break it."""
        abort(self.request)

    async def say(self, line: bytes) -> None:
        """Bring one line to the bot."""
        if self.mute:
            return
        if self.is_cut:
            await self.response.write(line[: len(line) // 2])
            abort(self.request)
            raise ConnectionResetError
        await self.response.write(line)
        self.said += 1


class ClusterDoor(Door):
    """
    The door to the API server.

    Args:
        target: its address.
        history: where writes are written down.
        replica: whose door it is.
        books: the bot's own record, looked at when a write arrives.
        ssl: how the server's certificate is checked.

    Attributes:
        streams: the watches that are open.
        page: so many objects on each page of a list, whatever the bot asks for; 0: as it asks.
        bend: makes of each line of a watch what the bot hears instead; it is given the path.

    """

    def __init__(
        self,
        target: str,
        history: History,
        replica: str,
        books: Books,
        ssl: Any = True,
    ) -> None:
        super().__init__(target, history, replica)
        self.streams: set[Stream] = set()
        self.page = 0
        self.bend: Callable[[str, bytes], Iterable[bytes]] = lambda _path, line: (line,)
        self._books = books
        self._ssl = ssl

    def watches(self, plural: str = "rollouts") -> list[Stream]:
        """Give the open watches of one kind."""
        return [s for s in self.streams if s.path.endswith(f"/{plural}")]

    def is_watched(self, since: float) -> bool:
        """Whether the rollouts are watched by a line that was opened since then."""
        return any(stream.since > since for stream in self.watches())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """See `Door`."""
        name, query = f"{request.method} {request.path}", dict(request.query)
        self._read(request)
        body = await request.read()
        began, audited = time.monotonic(), self._audited(request)
        failing = self.struck(name, query)
        if failing is not None:
            await self.delayed(failing)
            if failing.drop == "before":
                failing.hit()
                self._write(request, body, began, 0, audited)
                return abort(request)
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
        query = dict(request.query)
        if self.page and "limit" in query:
            query["limit"] = str(self.page)
        async with self.session.request(
            request.method,
            f"{self.target}{request.path}",
            params=query,
            data=body or None,
            headers=self.forwarded(request),
            ssl=self._ssl,
        ) as answer:
            if request.method == "GET" and "watch" in query and answer.status == 200:
                return await self._watch(request, answer)
            content = await answer.read()
            self._write(request, body, began, answer.status, audited, state)
            if failing is not None and failing.drop == "after":
                failing.hit()
                return abort(request)
            await self.passing.wait()
            return web.Response(status=answer.status, body=content, headers=kept(answer))

    async def _watch(
        self, request: web.Request, answer: aiohttp.ClientResponse
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=kept(answer))
        await response.prepare(request)
        stream = Stream(request.path, time.monotonic(), response, request)
        self.streams.add(stream)
        held = b""
        try:
            async for piece in answer.content.iter_any():
                *lines, held = (held + piece).split(b"\n")
                for line in lines:
                    await self.passing.wait()
                    for bent in self.bend(request.path, line + b"\n"):
                        await stream.say(bent)
            if stream.mute:  # the server is through with it; the bot does not hear of that
                await asyncio.Event().wait()
        finally:
            self.streams.discard(stream)
        return response

    def _read(self, request: web.Request) -> None:
        """Write down a list or a watch."""
        parts, query = request.path.split("/"), request.query
        if request.method != "GET" or len(parts) < 4 or not ({"limit", "watch"} & set(query)):
            return
        kind = "watch" if "watch" in query else "more" if "continue" in query else "list"
        self.history.reads.append(
            Read(at=time.monotonic(), replica=self.replica, kind=kind, path=request.path)
        )

    def _write(
        self,
        request: web.Request,
        body: bytes,
        began: float,
        status: int,
        audited: int,
        before: State | None = None,
    ) -> None:
        if request.method == "GET" or "/selfsubject" in request.path:
            return
        content: Any = body
        with suppress(ValueError):
            content = json.loads(body)
        self.history.writes.append(
            Write(
                at=began,
                ended=time.monotonic(),
                replica=self.replica,
                method=request.method,
                path=request.path,
                body=content,
                status=status,
                before=before,
                audited=audited,
            )
        )

    def _audited(self, request: web.Request) -> int:
        """Count the entries about this rollout that are open in the ledger now."""
        if request.method != "PATCH" or "/rollouts/" not in request.path:
            return -1
        namespace, _, name = _key(request.path).partition("/")
        try:
            return self._books.open_entries(namespace, name)
        except Books.UNREADABLE:
            return -1


def _key(path: str) -> str:
    parts = path.split("/")
    if "rollouts" not in parts or len(parts) <= parts.index("rollouts") + 1:
        return ""
    return f"{parts[parts.index('namespaces') + 1]}/{parts[parts.index('rollouts') + 1]}"
