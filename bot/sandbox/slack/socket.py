"""
Socket Mode: the app's WebSockets, envelopes out, acknowledgements in.

docs.slack.dev/apis/events-api/using-socket-mode: at most ten connections, each payload goes to any
one of them. An acknowledgement counts on whichever connection it comes; what Slack makes of one on
another connection than the delivering one is not published.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from aiohttp import WSMsgType, web

from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.errors import NoAck, NoApp
from bot.sandbox.slack.model import Json

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]

MOST_LINKS = 10
HOST = {"host": "applink-sandbox"}


@dataclass(eq=False)
class Link:
    """
    One open WebSocket of the app.

    Attributes:
        leaving: it was told to go, and gets nothing more.
        mute: half-open: nothing comes through any more, in either direction.

    """

    request: web.Request
    socket: web.WebSocketResponse
    leaving: bool = False
    mute: bool = False

    def cut(self) -> None:
        """Break the connection without a word."""
        if self.request.transport:
            self.request.transport.abort()


class SocketMode:
    """Holds the links, and brings deliveries over them in turn."""

    def __init__(self, app_id: str, changes: Changes, *, ack_deadline: float) -> None:
        self.links: list[Link] = []
        self._app_id = app_id
        self._changes = changes
        self._deadline = ack_deadline
        self._tickets: set[str] = set()
        self._waiting: dict[str, tuple[Delivery, asyncio.Event]] = {}
        self._turn = itertools.count()

    @property
    def open_links(self) -> list[Link]:
        """The links that still get deliveries."""
        return [link for link in self.links if not link.leaving and not link.socket.closed]

    def ticket(self) -> str:
        """The right to open one link."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    # --- the app's side -------------------------------------------------------------------------

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one link until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self.links) >= MOST_LINKS:
            await socket.send_json(_goodbye("too_many_websockets"))
            await socket.close()
            return socket
        with contextlib.suppress(ConnectionError):  # cut in mid-sentence
            await self._serve(Link(request, socket))
        return socket

    async def _serve(self, link: Link) -> None:
        self.links.append(link)
        try:
            await link.socket.send_json(self._hello())
            self._changes.announce()
            async for frame in link.socket:
                if link.mute:
                    continue
                if frame.type is WSMsgType.PING:
                    await link.socket.pong(frame.data)
                elif frame.type is WSMsgType.TEXT:
                    self._acknowledged(json.loads(frame.data))
        finally:
            self.links.remove(link)
            self._changes.announce()

    def _acknowledged(self, frame: Json) -> None:
        found = self._waiting.get(frame.get("envelope_id", ""))
        if found:
            delivery, arrived = found
            delivery.acknowledge(frame.get("payload"))
            arrived.set()
            self._changes.announce()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.links),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {**HOST, "build_number": 1, "approximate_connection_time": 3600},
        }

    # --- Slack's side ---------------------------------------------------------------------------

    async def bring(self, delivery: Delivery) -> None:
        """Bring a payload over one of the links, and wait for its acknowledgement."""
        links = self.open_links
        if not links:
            raise NoApp("no app is connected by Socket Mode")
        link = links[next(self._turn) % len(links)]
        arrived = asyncio.Event()
        self._waiting[delivery.id] = delivery, arrived
        try:
            async with asyncio.timeout(self._deadline):
                if not link.mute:
                    await link.socket.send_json(_envelope(delivery))
                await arrived.wait()
        except (TimeoutError, ConnectionError) as error:
            raise NoAck(f"{delivery.kind}: no acknowledgement in {self._deadline} s") from error

    async def disconnect(
        self, reason: Reason = "refresh_requested", links: Iterable[Link] | None = None
    ) -> None:
        """Tell links (all) to go; a warned one still gets deliveries, the others do not."""
        for link in list(self.links if links is None else links):
            link.leaving = reason != "warning"
            await link.socket.send_json(_goodbye(reason))

    def drop(self, links: Iterable[Link] | None = None) -> None:
        """Break links (all) without a word."""
        for link in list(self.links if links is None else links):
            link.cut()

    def mute(self, links: Iterable[Link] | None = None) -> None:
        """Leave links (all) half-open: they look alive, and nothing comes through."""
        for link in list(self.links if links is None else links):
            link.mute = True


def _envelope(delivery: Delivery) -> Json:
    envelope = {
        "envelope_id": delivery.id,
        "type": delivery.kind,
        "accepts_response_payload": delivery.accepts_answer,
        "payload": delivery.payload,
    }
    if delivery.retry:
        attempt, reason = delivery.retry
        envelope |= {"retry_attempt": attempt, "retry_reason": reason}
    return envelope


def _goodbye(reason: Reason) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": HOST}
