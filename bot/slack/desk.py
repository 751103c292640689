"""
Where all work begins that people cause: it runs in a task of its own, and ends with an answer.

    handler ─ack─▶ desk.take(occasion, work) ─▶ work ─▶ Message ─▶ voice ─▶ the person
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot.flows.asking import Answer, Operate, Request
from bot.flows.kept import Promise
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.release.access import Actor
from bot.release.errors import NotAllowed, Refusal
from bot.slack.occasions import Occasion
from bot.slack.people import People
from bot.slack.voice import Voice

_log = logging.getLogger(__name__)

#: Work under way at the same time; the rest waits, acknowledged.
MOST_AT_ONCE = 64

#: Seconds until something is acknowledged although it is not written down.
PATIENCE = 1.0

Work = Callable[[], Awaitable[Message | None]]


class Desk:
    """
    Takes work, sees it through and tells the person how it went.

    Args:
        owner: our name, where several replicas make promises.

    Attributes:
        team: the id of our workspace, once Slack has told it.

    """

    def __init__(
        self,
        people: People,
        operate: Operate,
        answer: Answer,
        voice: Voice,
        bulletin: Bulletin,
        owner: str = "",
    ) -> None:
        self.team = ""
        self._owner = owner
        self._bulletin = bulletin
        self.people = people
        self.operate = operate
        self.answer = answer
        self.voice = voice
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def promise(self, occasion: Occasion, verb: str, what: str = "") -> str:
        """
        Write down, before it is acknowledged, that somebody is owed an answer; its id.

        Slack waits for three seconds only: with a database that fails, or is slow, it goes on
        all the same; "" then.
        """
        promise = Promise(
            id=secrets.token_hex(8),
            at=datetime.now(UTC),
            person=occasion.user,
            channel=occasion.channel,
            thread=occasion.thread,
            verb=verb,
            what=what,
            owner=self._owner,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self._bulletin.promise(promise)
        except Refusal as error:
            _log.warning("Not written down: %r", error, extra={"action": "unpromised"})
            return ""
        except TimeoutError:  # it may be written down yet: then it is redeemed as any other
            _log.warning("Not written down in time", extra={"action": "unpromised"})
        return promise.id

    def take(self, occasion: Occasion, work: Work, promise: str = "") -> None:
        """Do the work soon; what it returns (or raises) is told to the person."""
        self.begin(self._see_through(occasion, work, promise))

    def apologise(self, promise: Promise, message: Message) -> None:
        """Give the answer that an earlier process owed."""
        team, where = self.team, promise.channel
        there = Occasion(user=promise.person, team=team, channel=where, thread=promise.thread)

        async def work() -> Message:
            return message

        self.take(there, work, promise.id)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in a task that `finish` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way, so long; the rest is dropped."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            _log.warning(
                "%d answers were not finished before the end",
                len(late),
                extra={"action": "answers_dropped", "count": len(late)},
            )

    async def _see_through(self, occasion: Occasion, work: Work, promise: str) -> None:
        async with self._room:
            message = await self._outcome(occasion, work)
        if message:
            await self.voice.tell(occasion, message)
        if promise:
            with suppress(Refusal):  # then it is told once more at the next start
                await self._bulletin.redeem(promise)

    async def _outcome(self, occasion: Occasion, work: Work) -> Message | None:
        try:
            return await work()
        except Refusal as refusal:
            return Message(text=refusal.text)
        except Exception:  # noqa: BLE001 - the person must hear of it, whatever it is
            number = secrets.token_hex(4)
            _log.exception(
                "Something went wrong for %s (%s)",
                occasion.user,
                number,
                extra={"action": "unexpected", "user": occasion.user, "reference": number},
            )
            return Message(
                text="Something went wrong in the bot, and I cannot tell whether it was done. "
                f"Look at the card. My log has more under `{number}`."
            )

    # --- what handlers need ---------------------------------------------------------------------

    async def actor(self, occasion: Occasion) -> Actor:
        """Tell who did it."""
        if self.is_foreign(occasion):
            return self.people.stranger(occasion.user)
        return await self.people.actor(occasion.user)

    def is_foreign(self, occasion: Occasion) -> bool:
        """Whether it was done in another workspace, such as through a shared channel."""
        return bool(self.team) and occasion.team != self.team

    async def act(self, request: Request, occasion: Occasion) -> Message:
        """Let it be done, unless it comes from elsewhere."""
        if self.is_foreign(occasion):
            return await self.turn_away(request, occasion)
        return await self.operate(request)

    async def turn_away(self, request: Request, occasion: Occasion) -> Message:
        """Refuse somebody of another workspace, on record."""
        return await self.operate.refuse(
            request, NotAllowed("People of other workspaces never act."), occasion.about
        )
