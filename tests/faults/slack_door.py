"""The door to Slack: Web API, response URLs, and the socket."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.faults.doors import HOST, Door, Failing, abort, kept
from tests.faults.history import Call, History, Json


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
        failing = self.struck(method, args)
        if failing is None:
            return await self._pass(request, body, (method, args, began), None)
        await self.delayed(failing.delay)
        if failing.drop == "before":
            failing.hit()
            self._call(method, args, began, done=False, told="dropped")
            return abort(request)
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
            headers=self.forwarded(request),
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
            return abort(request)
        if "url" in said and "/link" in str(said["url"]):
            said["url"] = f"ws://{HOST}:{self.port}/link{str(said['url']).partition('/link')[2]}"
            content = json.dumps(said).encode()
        return web.Response(status=answer.status, body=content, headers=kept(answer))

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
