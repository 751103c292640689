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
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterator

from bot.flows.ports import Bulletin, Chat, Lane, Slot
from bot.messages.blocks import Message
from bot.release.errors import Refusal
from bot.slack.calls import CallError, Calls, Limited, Refused
from bot.slack.carrier import Carrier
from bot.slack.errands import EDIT, POST, Card, Errand, Lines, Note
from bot.slack.pace import Pace

_log = logging.getLogger(__name__)

#: Calls under way at the same time: one channel that hangs must not hold up the others.
MOST_AT_ONCE = 16
#: Seconds after which what is said once is not worth saying any more. A card has no such limit.
PATIENCE = 3600.0


class Outbox(Chat):
    """
    Brings messages to Slack.

    Args:
        calls: the Web API; it and the outbox must have the same clock.
        bulletin: where the messages stand.
        clock, sleep: monotonic seconds.
        jitter: the part of a waiting time after a failure that is really waited.

    """

    def __init__(
        self,
        calls: Calls,
        bulletin: Bulletin,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311 - no secret
    ) -> None:
        self._calls = calls
        self._carrier = Carrier(calls, bulletin)
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._pace = Pace()
        self._errands: dict[Hashable, Errand] = {}  # in order of age
        self._broken: Counter[tuple[str, str]] = Counter()
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
        """Add a line to the thread of the slot's message; loud: the channel hears it too."""
        lines = self._errands.get(("lines", slot))
        if not isinstance(lines, Lines):
            lines = Lines(channel=slot.channel, lane=lane, since=self._clock(), slot=slot)
            self._errands["lines", slot] = lines
        lines.waiting.append((line, loud))
        lines.lane = min(lines.lane, lane)
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

    async def stop(self, deadline: float = 10.0) -> None:
        """Send what can be sent within *deadline* seconds, drop the rest, and send no more."""
        if self._loop is None:
            return
        calm = asyncio.ensure_future(self._calm.wait())
        alarm = asyncio.ensure_future(self._sleep(deadline))
        await asyncio.wait({calm, alarm}, return_when=asyncio.FIRST_COMPLETED)
        tasks = [calm, alarm, self._loop, *self._working]
        self._loop = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._errands:
            _log.warning(
                "%d messages were not sent before the end",
                len(self._errands),
                extra={"action": "outbox_dropped", "count": len(self._errands)},
            )
        self._errands.clear()
        self._calm.set()

    async def idle(self) -> None:
        """Wait until everything that can be sent is sent."""
        await self._calm.wait()

    @property
    def depth(self) -> int:
        """How many messages are not sent yet."""
        return len(self._errands)

    @property
    def age(self) -> float:
        """For how many seconds the oldest of them has been waiting."""
        return max((self._clock() - e.since for e in self._errands.values()), default=0.0)

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
            wait = self._wait(errand, now) if errand.known else errand.not_before - now
            if wait > 0:
                soonest = wait if soonest is None else min(soonest, wait)
                continue
            if errand.known:
                self._count(errand, now)
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

    def _wait(self, errand: Errand, now: float) -> float:
        rest = max(errand.not_before - now, self._calls.rest(errand.method))
        if isinstance(errand, Card):
            if errand.is_shown:
                return errand.not_before - now  # no call, at most the bulletin has to hear of it
            if errand.place:
                return max(rest, self._pace.wait_to_edit(errand.slot, errand.lane, now))
        return max(rest, self._pace.wait_to_post(errand.channel, now))

    def _count(self, errand: Errand, now: float) -> None:
        match errand:
            case Card(is_shown=True):
                return
            case Card(place=None):
                self._pace.posts(errand.channel, now, errand.slot)
            case Card():
                self._pace.edits(errand.slot, errand.lane, now)
            case _:
                self._pace.posts(errand.channel, now)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._bell.set()

    # --- how it went ----------------------------------------------------------------------------

    async def _work(self, errand: Errand) -> None:
        try:
            if errand.known:
                await self._carrier.carry(errand)
                self._recovered(errand.channel)
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
                self._limited(errand, error)
            case Refused():
                self._give_up(errand, error.error)
            case _:
                self._later(errand, str(error))

    def _limited(self, errand: Errand, error: Limited) -> None:
        """Let the method rest as long as Slack says; the others go on."""
        until = self._clock() + error.seconds
        if error.method == POST:
            self._pace.posts_refused(errand.channel, until)
        elif error.method == EDIT:
            self._pace.edits_refused(until)
        else:
            errand.not_before = until

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
        self._broken[errand.channel, why] += 1
        if self._broken[errand.channel, why] == 1:
            _log.error(
                "Slack takes no message of mine in %s (%s); I go on trying with news only",
                errand.channel,
                why,
                extra={"action": "channel_broken", "channel": errand.channel, "error": why},
            )

    def _recovered(self, channel: str) -> None:
        """Say what was lost when a channel works again."""
        for key in [key for key in self._broken if key[0] == channel]:
            _log.warning(
                "Slack takes messages in %s again; %d were lost (%s)",
                channel,
                self._broken.pop(key),
                key[1],
                extra={"action": "channel_recovered", "channel": channel},
            )
