"""
One open page: what its person does goes in, what changes goes out.

Nothing is queued. As long as a frame is on its way to a slow browser nothing else is written; then
the newest state is compared with what was sent, so that ten updates of a card become one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiohttp import WSMsgType, web

from bot.sandbox.page import frames, picture
from bot.sandbox.page.deeds import Deeds
from bot.sandbox.page.ports import Cluster, Json
from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.people import Person

log = logging.getLogger(__name__)

#: What one page may have under way: more is a page gone wild.
MOST_DEEDS = 20


class Visit:
    """One WebSocket of one person."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        person: Person,
        *,
        look: Callable[[], picture.Picture],
        changes: Changes,
        cluster: Cluster,
        deeds: Deeds,
    ) -> None:
        self._socket = socket
        self._person = person
        self._look = look
        self._changes = changes
        self._cluster = cluster
        self._deeds = deeds
        self._under_way: set[asyncio.Task[None]] = set()

    async def serve(self, greeting: Json) -> None:
        """Talk until the page leaves."""
        with contextlib.suppress(ConnectionError):  # it left in mid-sentence
            await self._socket.send_json(greeting)
            telling = [
                asyncio.create_task(self._tell_slack()),
                asyncio.create_task(self._tell_cluster()),
            ]
            for task in telling:
                task.add_done_callback(self._hang_up)
            try:
                await self._listen()
            finally:
                for task in telling:
                    task.cancel()
                await asyncio.gather(*telling, return_exceptions=True)
                await self._finish()

    async def _finish(self) -> None:
        """Let what is under way end, though nobody looks: half a restart of the bot is none."""
        try:
            if self._under_way:
                await asyncio.wait(self._under_way)
        finally:
            for task in self._under_way:
                task.cancel()

    def _hang_up(self, told: asyncio.Task[None]) -> None:
        """End a visit that can no longer be told anything; the page comes back by itself."""
        if told.cancelled() or isinstance(told.exception(), ConnectionError):
            return
        log.error("a visit of %s broke off", self._person.id, exc_info=told.exception())
        closing = asyncio.create_task(self._close())
        self._under_way.add(closing)
        closing.add_done_callback(self._under_way.discard)

    async def _close(self) -> None:
        await self._socket.close(code=1011)

    # --- out ------------------------------------------------------------------------------------

    async def _tell_slack(self) -> None:
        """Tell what changes on this person's screen; the first time, all of it."""
        before: picture.Picture | None = None
        while True:
            after = self._look()
            told = picture.changes(before, after)
            kind = "changes" if before else "snapshot"
            before = after
            if told:
                await self._socket.send_json({"type": kind, **told})
            else:
                await self._changes.wait()

    async def _tell_cluster(self) -> None:
        """Tell what changes in the cluster; the first time, all of it."""
        sent: dict[str, Json] | None = None
        running: Json = {}
        while True:
            now = {_key(rollout): rollout for rollout in self._cluster.rollouts()}
            system = dict(self._cluster.system())
            known = sent or {}
            newer = [rollout for key, rollout in now.items() if known.get(key) != rollout]
            order = list(now)
            if sent is None or newer or order != list(known) or system != running:
                frame = {"type": "cluster", "rollouts": newer, "order": order, "system": system}
                sent, running = now, system
                await self._socket.send_json(frame)
            else:
                await self._cluster.changed()

    # --- in -------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                await self._refuse(None, "Only text is understood here.")
                continue
            try:
                frame = frames.read(message.data)
            except frames.Malformed as error:
                await self._refuse(frames.ref_of(message.data), str(error))
                continue
            if len(self._under_way) >= MOST_DEEDS:
                await self._refuse(frame.ref, "Too much at once: wait for what is under way.")
                continue
            # not awaited here: an app may take its three seconds while its person goes on
            deed = asyncio.create_task(self._do(frame))
            self._under_way.add(deed)
            deed.add_done_callback(self._under_way.discard)

    async def _do(self, frame: frames.Frame) -> None:
        try:
            answer = await self._deeds.do(self._person, frame)
        except Exception:
            log.exception("%s of %s went wrong", frame.do, self._person.id)
            answer = {"ok": False, "text": "The sandbox itself failed; its log tells more."}
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json({"type": "answer", "ref": frame.ref, **answer})

    async def _refuse(self, ref: int | None, text: str) -> None:
        if ref is None:
            await self._socket.send_json({"type": "error", "text": text})
        else:
            await self._socket.send_json({"type": "answer", "ref": ref, "ok": False, "text": text})


def _key(rollout: Json) -> str:
    return f"{rollout['namespace']}/{rollout['name']}"
