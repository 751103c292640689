"""
The one way for messages to Slack: what goes first, how fast, and what happens when Slack fails.

    show, send ─▶ tray ─▶ (lane, age) ─▶ pace, rests, patience ─▶ carrier ─▶ Slack ─▶ struck out

Nothing here waits for Slack: the flows go on while Slack is slow. A living message is
level-triggered: whatever it was to say meanwhile, only its latest state is sent. What is said once
is stored before it comes here, and struck out when Slack has it: whoever is killed in between has
lost nothing, and looks for it in Slack before it is posted again.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from bot.flows.kept import Lane, Parcel, Slot
from bot.flows.ports import Bulletin, Chat
from bot.messages.blocks import Message
from bot.messages.storm import Brief
from bot.release.errors import Refusal
from bot.slack.broken import PASSING, Broken
from bot.slack.calls import REFUSED_TOKENS, CallError, Calls, Limited, Refused
from bot.slack.carrier import Carrier
from bot.slack.errands import Errand
from bot.slack.tray import Tray
from bot.slack.turns import Turns
from bot.slack.weather import Weather

_log = logging.getLogger(__name__)

#: Calls under way at the same time: one channel that hangs must not hold up the others.
MOST_AT_ONCE = 16
#: Seconds after which what is said once is not worth saying any more. A card has no such limit.
PATIENCE = 3600.0
_LONG = 0.002  #: seconds of looking through what waits, after which others have four times as long
#: Seconds for which a line about progress waits for others, to be told with them in one message.
LINGER = 3.0
#: Seconds in which, at the end, what was told from memory is stored after all.
_LAST_TRY = 2.0


def _utc() -> datetime:
    return datetime.now(UTC)


class Outbox(Chat):
    """
    Brings messages to Slack.

    Args:
        calls: the Web API; it and the outbox must have the same clock.
        bulletin: where the messages stand, and what is still to be told.
        clock, sleep: monotonic seconds.
        now: the time of day.
        jitter: the part of a waiting time after a failure that is really waited.
        linger: see LINGER.

    Attributes:
        lost: how many messages were given up, by reason.

    """

    def __init__(
        self,
        calls: Calls,
        bulletin: Bulletin,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = _utc,
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311 - no secret
        linger: float = LINGER,
    ) -> None:
        self._bulletin = bulletin
        self._carrier = Carrier(calls, bulletin, clock, self._sent)
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._linger = self._usual_linger = linger
        self._turns = Turns(calls)
        self._tray = Tray(clock, now)
        self._weather = Weather(self._tray, self._turns, now, clock)
        self._broken = Broken()
        self._working: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._loop: asyncio.Task[None] | None = None
        self.lost: Counter[str] = Counter()

    # --- Chat -----------------------------------------------------------------------------------

    def show(self, slot: Slot, message: Message, lane: Lane, brief: Brief | None = None) -> None:
        """Make the slot's message say this; only the latest state is sent."""
        self._tray.show(slot, message, lane)
        self._weather.tell(slot, brief, self._clock())
        self._ring()

    def send(self, parcels: Sequence[Parcel], *, is_stored: bool = True) -> None:
        """Tell what was decided; progress waits a moment for more, what is urgent takes it."""
        for parcel in parcels:
            self._tray.add(parcel, linger=self._linger, is_stored=is_stored)
        self._ring()

    # --- running --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send; what an earlier process did not live to send is sent first."""
        if self._loop is None:
            self._linger = self._usual_linger
            self.pick_up()
            self._loop = asyncio.create_task(self._run(), name="outbox")

    def pick_up(self) -> None:
        """
        Fetch what others stored to be told.

        What is here already is left aside; of the rest each is looked for in Slack first, because
        whoever stored it may have sent it.
        """
        self._tray.pick_up()
        self._ring()

    def take_over(self) -> None:
        """Go on where another process ended: what is remembered of messages may be old."""
        self._carrier.take_over()
        self._tray.forget_places()
        self._weather.storms.clear()
        self.pick_up()

    async def drain(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - it is no error
        """Send what can be sent within so many seconds, and no more; the rest stays stored."""
        if self._loop is None:
            return
        self._linger, self._weather.is_calmed = 0.0, True
        self._tray.hurry()
        self._ring()
        calm = asyncio.ensure_future(self._calm.wait())
        alarm = asyncio.ensure_future(self._sleep(timeout))
        await asyncio.wait({calm, alarm}, return_when=asyncio.FIRST_COMPLETED)
        tasks = [calm, alarm, self._loop, *self._working]
        self._loop = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if left := self.depth:
            lost = await self._keep_rest()
            _log.warning(
                "%d messages were not sent before the end; %d of them are lost, the others go "
                "after the next start",
                left,
                lost,
                extra={"action": "outbox_left", "count": left, "lost": lost},
            )
        self._tray.clear()
        self._calm.set()

    def hurry(self) -> None:
        """Try at once what waits after a failure: its reason is gone."""
        self._tray.forgive()
        self._ring()

    async def _keep_rest(self) -> int:
        """Store what was told from memory and not sent; how many could not be stored."""
        unstored = self._tray.unstored
        if not unstored:
            return 0
        with suppress(Refusal, TimeoutError):
            await asyncio.wait_for(self._bulletin.queue(unstored), _LAST_TRY)
            return 0
        self.lost["not_stored"] += len(unstored)
        return len(unstored)

    async def idle(self) -> None:
        """Wait until everything that can be sent is sent."""
        await self._calm.wait()

    @property
    def depth(self) -> int:
        """How many messages are not sent yet, without lines whose card never came."""
        return self._tray.depth

    @property
    def age(self) -> float:
        """For how many seconds the oldest of them has been waiting."""
        return self._tray.age

    def _ring(self) -> None:
        self._calm.clear()
        self._bell.set()

    async def _run(self) -> None:
        while True:
            self._bell.clear()
            began = self._clock()
            self._lose_old()
            seconds = self._launch(began)
            if not self._working and self._tray.is_calm:
                self._calm.set()
            took = self._clock() - began
            await self._nap(seconds)
            if took > _LONG:  # thousands wait: looking through all at each bell would leave no time
                await self._sleep(4 * took)

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
        soonest = self._weather.look(now)
        for errand in self._tray.in_order():
            if len(self._working) >= MOST_AT_ONCE:
                return None  # the bell rings when one of them is back
            wait = errand.not_before - now
            if not errand.known:
                self._carrier.recall(errand)
            if errand.known:
                wait = max(self._turns.wait(errand, now), self._weather.wait(errand, now))
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

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._bell.set()

    # --- how it went ----------------------------------------------------------------------------

    async def _work(self, errand: Errand) -> None:
        try:
            if errand.known:
                await self._carrier.carry(errand)
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
            self._tray.finish(errand)
        finally:
            errand.busy = False

    def _sent(self, channel: str) -> None:
        """Bring what was kept for a channel that takes messages again."""
        if self._broken.works(channel):
            self._tray.unpark()

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
        """Try again after a while."""
        seconds = errand.put_off(self._clock(), self._jitter())
        _log.debug(
            "A message to %s goes again in %.1f s: %s",
            errand.channel or "the database",
            seconds,
            why,
            extra={"action": "outbox_retry", "channel": errand.channel},
        )

    def _give_up(self, errand: Errand, why: str) -> None:
        """Drop what Slack does not take, and say so once for each channel."""
        lost, kept = self._tray.lose(errand, keeps=why in PASSING)
        self.lost[why] += lost
        self._broken.gave_up(errand.channel, why, lost, kept)

    def _lose_old(self) -> None:
        """Strike out what is too old to be said."""
        for held in self._tray.lose_old(self._clock() - PATIENCE):
            self.lost["too_old"] += 1
            self._broken.gave_up(held.parcel.channel, "too_old")
