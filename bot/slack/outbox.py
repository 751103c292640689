"""
The one way for messages to Slack: what goes first, how fast, and what happens when Slack fails.

    show, tell, post ─▶ errands ─▶ (lane, age) ─▶ pace, rests, patience ─▶ carrier ─▶ Slack

Nothing here waits for Slack: the flows go on while Slack is slow. A living message is
level-triggered: whatever it was to say meanwhile, only its latest state is sent.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Hashable, Iterator

from bot.flows.kept import Slot
from bot.flows.ports import Bulletin, Chat, Lane
from bot.messages.blocks import Message
from bot.release.errors import Refusal
from bot.slack.broken import Broken
from bot.slack.calls import REFUSED_TOKENS, CallError, Calls, Limited, Refused
from bot.slack.carrier import Carrier
from bot.slack.errands import Card, Errand, Lines, Note
from bot.slack.turns import Turns

_log = logging.getLogger(__name__)

#: Calls under way at the same time: one channel that hangs must not hold up the others.
MOST_AT_ONCE = 16
#: Seconds after which what is said once is not worth saying any more. A card has no such limit.
PATIENCE = 3600.0
#: Seconds for which a line about progress waits for others, to be told with them in one message.
LINGER = 3.0


class Outbox(Chat):
    """
    Brings messages to Slack.

    Args:
        calls: the Web API; it and the outbox must have the same clock.
        bulletin: where the messages stand.
        clock, sleep: monotonic seconds.
        jitter: the part of a waiting time after a failure that is really waited.
        linger: see LINGER.

    """

    def __init__(
        self,
        calls: Calls,
        bulletin: Bulletin,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311 - no secret
        linger: float = LINGER,
    ) -> None:
        self._calls = calls
        self._carrier = Carrier(calls, bulletin)
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._linger = linger
        self._turns = Turns(calls)
        self._errands: dict[Hashable, Errand] = {}  # in order of age
        self._broken = Broken()
        self._working: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._loop: asyncio.Task[None] | None = None

    # --- Chat -----------------------------------------------------------------------------------

    def show(self, slot: Slot, message: Message, lane: Lane) -> None:
        """Make the slot's message say this; only the latest state is sent."""
        card = self._errands.get(("card", slot))
        if isinstance(card, Card):
            card.want(message, lane)
        else:
            now = self._clock()
            self._errands["card", slot] = Card(
                channel=slot.channel, lane=lane, since=now, slot=slot, wanted=message
            )
        self._ring()

    def tell(self, slot: Slot, line: Message, lane: Lane, *, loud: bool = False) -> None:
        """
        Add a line to the thread of the slot's message; loud: the channel hears it too.

        Progress waits a moment for more of it; what is urgent takes along what waits.
        """
        now = self._clock()
        lines = self._errands.get(("lines", slot))
        if not isinstance(lines, Lines):
            lines = Lines(channel=slot.channel, lane=lane, since=now, slot=slot)
            self._errands["lines", slot] = lines
        lines.add(line, lane, now, loud=loud, linger=self._linger)
        card = self._errands.get(("card", slot))
        if isinstance(card, Card) and card.place is None:
            card.lane = min(card.lane, lane)  # the line needs the card's thread
        self._ring()

    def post(self, channel: str, message: Message, lane: Lane) -> None:
        """Post a message of its own."""
        note = Note(channel=channel, lane=lane, since=self._clock(), message=message)
        self._errands["note", note.id] = note
        self._ring()

    # --- running --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send; what was said before is sent first."""
        if self._loop is None:
            self._loop = asyncio.create_task(self._run(), name="outbox")

    async def drain(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - it is no error
        """Send what can be sent within so many seconds, drop the rest, and send no more."""
        if self._loop is None:
            return
        self._linger = 0.0
        for errand in self._errands.values():
            if isinstance(errand, Lines):
                errand.ready_at = 0.0
        self._ring()
        calm = asyncio.ensure_future(self._calm.wait())
        alarm = asyncio.ensure_future(self._sleep(timeout))
        await asyncio.wait({calm, alarm}, return_when=asyncio.FIRST_COMPLETED)
        tasks = [calm, alarm, self._loop, *self._working]
        self._loop = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if lost := self.depth:
            _log.warning(
                "%d messages were not sent before the end",
                lost,
                extra={"action": "outbox_dropped", "count": lost},
            )
        self._errands.clear()
        self._calm.set()

    def hurry(self) -> None:
        """Try at once what waits after a failure: its reason is gone."""
        for errand in self._errands.values():
            if errand.tries:
                errand.not_before = 0.0
        self._ring()

    async def idle(self) -> None:
        """Wait until everything that can be sent is sent."""
        await self._calm.wait()

    @property
    def depth(self) -> int:
        """How many messages are not sent yet, without lines whose card never came."""
        return sum(not errand.is_dormant for errand in self._errands.values())

    @property
    def age(self) -> float:
        """For how many seconds the oldest of them has been waiting."""
        waiting = (e for e in self._errands.values() if not e.is_dormant)
        return max((self._clock() - errand.since for errand in waiting), default=0.0)

    def _ring(self) -> None:
        self._calm.clear()
        self._bell.set()

    async def _run(self) -> None:
        while True:
            self._bell.clear()
            seconds = self._launch(self._clock())
            if not self._working and all(e.is_dormant for e in self._errands.values()):
                self._calm.set()
            await self._nap(seconds)

    async def _nap(self, seconds: float | None) -> None:
        """Sleep until the bell rings, or for so long."""
        if seconds is None:
            await self._bell.wait()
            return
        bell = asyncio.ensure_future(self._bell.wait())
        alarm = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({bell, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()
            alarm.cancel()

    # --- what goes now --------------------------------------------------------------------------

    def _launch(self, now: float) -> float | None:
        """Start everything that may go now; tell after how many seconds to look again."""
        soonest: float | None = None
        for errand in self._in_order():
            if len(self._working) >= MOST_AT_ONCE:
                return None  # the bell rings when one of them is back
            wait = self._turns.wait(errand, now) if errand.known else errand.not_before - now
            if wait > 0:
                soonest = wait if soonest is None else min(soonest, wait)
                continue
            if errand.known:
                self._turns.count(errand, now)
            errand.busy = True
            task = asyncio.create_task(self._work(errand))
            self._working.add(task)
            task.add_done_callback(self._worked)
        return soonest

    def _in_order(self) -> Iterator[Errand]:
        """Go through what nobody works on yet: by lane, and by age within a lane."""
        waiting = [e for e in self._errands.values() if not e.busy and not e.is_dormant]
        for lane in Lane:
            yield from (errand for errand in waiting if errand.lane is lane)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._bell.set()

    # --- how it went ----------------------------------------------------------------------------

    async def _work(self, errand: Errand) -> None:
        try:
            if errand.known:
                await self._carrier.carry(errand)
                self._broken.works(errand.channel)
            else:
                await self._carrier.settle(errand)
        except CallError as error:
            self._failed(errand, error)
        except Refusal as error:
            self._later(errand, error.text)
        except Exception as error:  # noqa: BLE001 - one message must not stop all others
            _log.exception("A message could not be sent", extra={"action": "outbox_error"})
            self._later(errand, repr(error))
        else:
            errand.tries = 0
            self._finish(errand)
        finally:
            errand.busy = False

    def _finish(self, errand: Errand) -> None:
        """Drop what is done; a card that stands now lets its lines go."""
        if isinstance(errand, Card) and errand.place:
            lines = self._errands.get(("lines", errand.slot))
            if isinstance(lines, Lines) and not lines.parent:
                lines.parent = errand.place.ts
        if errand.is_done:
            self._drop(errand)

    def _drop(self, errand: Errand) -> None:
        match errand:
            case Card():
                self._errands.pop(("card", errand.slot), None)
            case Lines():
                self._errands.pop(("lines", errand.slot), None)
            case Note():
                self._errands.pop(("note", errand.id), None)

    def _failed(self, errand: Errand, error: CallError) -> None:
        match error:
            case Limited():
                self._turns.limited(errand, error, self._clock())
            case Refused(error=word) if word in REFUSED_TOKENS:
                self._later(errand, word)  # of the token, not of the message: another one may come
            case Refused():
                self._give_up(errand, error.error)
            case _:
                self._later(errand, str(error))

    def _later(self, errand: Errand, why: str) -> None:
        """Try again after a while, for ever if it is a card."""
        now = self._clock()
        if now - errand.since > PATIENCE and not isinstance(errand, Card):
            self._give_up(errand, "too_old")
            return
        seconds = errand.put_off(now, self._jitter())
        _log.debug(
            "A message to %s goes again in %.1f s: %s",
            errand.channel,
            seconds,
            why,
            extra={"action": "outbox_retry", "channel": errand.channel},
        )

    def _give_up(self, errand: Errand, why: str) -> None:
        """Drop what Slack will never take, and say so once for each channel."""
        self._drop(errand)
        if isinstance(errand, Card) and errand.place is None:
            self._errands.pop(("lines", errand.slot), None)  # there will be no thread
        self._broken.gave_up(errand.channel, why)
