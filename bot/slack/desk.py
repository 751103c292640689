"""
Where all work begins that people cause: it runs in a task of its own, and ends with an answer.

    handler ─admit─▶ promise ─ack─▶ desk.take(occasion, work) ─▶ first time? ─▶ work ─▶ Message
    ─▶ voice ─▶ the person

Who asks for too much is told so, and when to come again: that costs no entry and asks nobody.
"""

import asyncio
import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot.flows.asking import Answer, Operate, Question, Request
from bot.flows.kept import Promise
from bot.flows.ports import Bulletin
from bot.messages.blocks import Message
from bot.release.access import Actor, Standing
from bot.release.errors import NotAllowed, Refusal, Unclear
from bot.slack.limits import Kind, Limits
from bot.slack.occasions import Occasion
from bot.slack.people import People
from bot.slack.rooms import rooms
from bot.slack.voice import Voice

_log = logging.getLogger(__name__)

#: What people caused and is not told yet, also while Slack is away; then only aborts are taken.
MOST_UNDER_WAY = 2_000
#: Seconds after which it may be better.
LATER = 10.0

#: Seconds until something is acknowledged although it is not written down: Slack waits for three.
PROMISED_WITHIN = 2.0
#: Seconds until something is done although nobody can tell whether it was done before.
PATIENCE = 1.0

#: Refusals that tell of somebody who tries: what they may not do, what nobody made.
SUSPECT = frozenset({NotAllowed.why, Unclear.why})
KNOWN = frozenset({Standing.MEMBER, Standing.GUEST, Standing.STRANGER, Standing.BOT})

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
        limits: Limits | None = None,
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
        self._limits = limits or Limits()
        self._rooms = rooms()

    def admit(self, occasion: Occasion, kind: Kind) -> Message | None:
        """Count what somebody asks for; a message says that it is too much."""
        seconds = self._limits.ask(kind, occasion.user, occasion.channel)
        is_busy = len(self._tasks) >= MOST_UNDER_WAY and kind is not Kind.ABORT
        if not seconds and (is_busy or self._rooms[kind].is_full):
            _log.error("I have more to do than I can", extra={"action": "busy", "kind": str(kind)})
            return _not_now(kind, "I have more to do than I can", LATER)
        if seconds and kind is Kind.ACT and self._limits.pause(occasion.user):
            return _not_now(kind, "I had to refuse you many times just now", seconds)
        if seconds:
            return _not_now(kind, "that is more at once than I take from one person", seconds)
        return None

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
            async with asyncio.timeout(PROMISED_WITHIN):
                await self._bulletin.promise(promise)
        except Refusal as error:
            _log.warning("Not written down: %r", error, extra={"action": "unpromised"})
            return ""
        except TimeoutError:  # it may be written down yet: then it is redeemed as any other
            _log.warning("Not written down in time", extra={"action": "unpromised"})
        return promise.id

    def take(
        self, occasion: Occasion, work: Work, promise: str = "", kind: Kind = Kind.READ
    ) -> None:
        """Do the work soon; what it returns (or raises) is told to the person."""
        self.begin(self._see_through(occasion, work, promise, kind))

    async def tell(self, occasion: Occasion, message: Message) -> None:
        """Tell a person something for which nothing has to be done."""
        await self.voice.tell(occasion, message)

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

    async def _see_through(self, occasion: Occasion, work: Work, promise: str, kind: Kind) -> None:
        message = None
        async with self._rooms[kind]:
            if kind is Kind.READ or await self._is_first(occasion):
                message = await self._outcome(occasion, work)
        if message:
            await self.voice.tell(occasion, message)
        if promise:
            with suppress(Refusal):  # then it is told once more at the next start
                await self._bulletin.redeem(promise)

    async def _is_first(self, occasion: Occasion) -> bool:
        """
        Whether this press was never done, also by an earlier process or another replica.

        With a database that fails, what this process has seen is all there is to go by.
        """
        if not occasion.key:
            return True
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._bulletin.claim(f"seen/{occasion.key}")
        except (Refusal, TimeoutError) as error:
            _log.warning("Not known whether it is new: %r", error, extra={"action": "unclaimed"})
            return True

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

    async def ask(self, question: Question, occasion: Occasion) -> Message:
        """Answer, unless it comes from elsewhere."""
        if self.is_foreign(occasion) or question.actor.standing is Standing.STRANGER:
            return Message(text="People of other workspaces get no answers from me.")
        return await self.answer(question)

    async def act(self, request: Request, occasion: Occasion) -> Message:
        """Let it be done, unless it comes from elsewhere."""
        if self.is_foreign(occasion):
            return await self.turn_away(request, occasion)
        message = await self.operate(request)
        # who Slack does not tell me about is refused too, and has done nothing wrong
        is_known = request.actor.standing in KNOWN and not request.actor.groups_unknown
        if is_known and message.refused == NotAllowed.why:
            self._limits.refused(request.actor.user)
        return message

    async def refuse(self, request: Request, refusal: Refusal, occasion: Occasion) -> Message:
        """Refuse what was not understood, or was not made by us, on record."""
        if refusal.why in SUSPECT:
            self._limits.refused(request.actor.user)
        return await self.operate.refuse(request, refusal, occasion.about)

    async def turn_away(self, request: Request, occasion: Occasion) -> Message:
        """Refuse somebody of another workspace, on record."""
        return await self.refuse(
            request, NotAllowed("People of other workspaces never act."), occasion
        )


def _not_now(kind: Kind, why: str, seconds: float) -> Message:
    """Say that it is too much, what holds all the same, and when to come again."""
    what = "Not answered" if kind is Kind.READ else "Not done"
    still = "" if kind is Kind.ABORT else " Abort works all the same."
    return Message(text=f"{what}: {why}. Come again in {math.ceil(seconds)} s.{still}")
