"""The door to Slack: Web API, response URLs, and the socket."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
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
        self.linked_at = float("-inf")  #: when Slack last said hello on a new link
        self.acks_to_lose = 0  #: so many acknowledgements never come to Slack

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
        await self.delayed(failing)
        if failing.drop == "before":
            failing.hit()
            self._call(method, args, began, done=False, told="dropped")
            return abort(request)
        if (failing.status or failing.error) and not failing.after_all:
            failing.hit()
            word, after = failing.error or str(failing.status), _retry_after(failing.headers or {})
            self._call(method, args, began, done=False, told=word, retry_after=after)
            return _answer(failing)
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
        if failing is not None and (failing.drop == "after" or failing.after_all):
            word = failing.error or str(failing.status or "dropped")
        self._call(
            method,
            args,
            began,
            done=bool(done),
            told=word,
            ts=str(said.get("ts", args.get("ts", ""))),
            retry_after=_retry_after(answer.headers),
        )
        if failing is not None:
            await asyncio.sleep(failing.late)
        if failing is not None and (failing.drop == "after" or failing.after_all):
            failing.hit()
            return abort(request) if failing.drop == "after" else _answer(failing)
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
        try:
            async with self.session.ws_connect(
                f"{self.target}{request.path_qs}", autoping=False
            ) as there:
                ways = [
                    asyncio.create_task(self._carry(here, there, self._from_bot)),
                    asyncio.create_task(self._carry(there, here, self._from_slack)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await here.close()
        finally:
            self.links.discard(here)
        return here

    async def _carry(self, source: Any, target: Any, seen: Callable[[str], str | None]) -> None:
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
            if message.type is aiohttp.WSMsgType.TEXT:
                data = seen(data)
            if data is not None:
                with suppress(ConnectionError):
                    await sends[message.type](data)

    def _from_slack(self, text: str) -> str:
        """Let the answers come through this door too."""
        if _json(text.encode()).get("type") == "hello":
            self.linked_at = time.monotonic()
        return text.replace(self.target, self.url)

    def _from_bot(self, text: str) -> str | None:
        """Write down what is acknowledged; None: Slack shall not hear of it."""
        envelope = str(_json(text.encode()).get("envelope_id", ""))
        if envelope:
            self.history.acks.add(envelope)
            if self.acks_to_lose > 0:
                self.acks_to_lose -= 1
                return None
        return text


def _answer(failing: Failing) -> web.Response:
    """Answer as a failing says."""
    text = json.dumps({"ok": False, "error": failing.error}).encode()
    return web.Response(
        status=failing.status or 200,
        body=failing.body or text,
        headers={"Content-Type": "application/json", **(failing.headers or {})},
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    """Read for how many seconds a method must rest; 0: it is not said."""
    said = headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 0.0


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
