"""
Who is looked at, and when: one look at a time at each rollout, always at its newest state.

Few are looked at together at once, each as soon as something comes. Where many are, what belongs to
one step is waited for, so that it costs one look, and each waits for a turn of the loop, so that
somebody who presses a button does not wait for all of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

from bot.flows.breath import one_a_turn
from bot.flows.follower import Follower
from bot.flows.ports import Clock, Observed
from bot.release.errors import Refusal

_log = logging.getLogger(__name__)

_AT_ONCE = 32  #: rollouts that are looked at for the first time
_FEW = 4  #: rollouts that are looked at together without any wait
_TOGETHER = 0.25  #: seconds in which the writes of one step arrive, where more are looked at
_TICK = 0.25  #: seconds between looks at rollouts where something is not settled yet


@dataclass
class Looks:
    """
    Lets each rollout be looked at.

    Attributes:
        look: what is done with the newest state of one.
        leads: whether anybody is to look now.
        followers: what is known of each, by uid.

    """

    look: Callable[[Follower, Observed], Awaitable[None]]
    clock: Clock
    leads: Callable[[], bool]
    followers: dict[str, Follower] = field(default_factory=dict)
    _at_work: int = 0
    #: thousands that are met at a start wait here, where they are small
    _meeting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @property
    def is_crowded(self) -> bool:
        """Whether so many are looked at that each should wait for its turn."""
        return self._at_work > _FEW

    async def offer(self, observed: Observed) -> None:
        """Have this state looked at soon, unless a newer one comes before."""
        self.begin(observed)
        if self.is_crowded:  # after an outage thousands come at once
            await asyncio.sleep(0)

    def begin(self, observed: Observed) -> None:
        """Do so without a wait."""
        follower = self.followers.setdefault(observed.rollout.uid, Follower())
        follower.waiting = observed
        if follower.task is None or follower.task.done():
            name = f"follow {observed.rollout.key}"
            follower.task = asyncio.create_task(self._work(follower), name=name)
            follower.task.add_done_callback(self._worked)
            self._at_work += 1

    async def go_on(self) -> None:
        """Look again and again at what is not settled, until cancelled."""
        while True:
            await asyncio.sleep(_TICK)
            now = self.clock()
            restless = [one for one in self.followers.values() if one.is_restless]
            async for follower in one_a_turn(restless):
                if follower.last and follower.wants_a_look(now):
                    self.begin(follower.last)

    async def settled(self) -> None:
        """Wait for the looks that are under way."""
        running = [one.task for one in self.followers.values() if one.task]
        await asyncio.gather(*running, return_exceptions=True)

    async def stop(self) -> None:
        """End all looks, and forget everything."""
        tasks = [one.task for one in self.followers.values() if one.task and not one.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.followers.clear()

    def _worked(self, _: asyncio.Task[None]) -> None:
        self._at_work -= 1

    async def _work(self, follower: Follower) -> None:
        while follower.waiting:
            if self.is_crowded:  # one look at a step, not one at each of its writes
                await asyncio.sleep(_TOGETHER)
            if not self.leads():
                break
            observed, follower.waiting = follower.waiting, None
            follower.last = observed
            try:
                async with nullcontext() if follower.is_loaded else self._meeting:
                    await self.look(follower, observed)
                follower.failed_at = None
            except Refusal as refusal:
                _log.warning("could not follow %s: %s", observed.rollout.key, refusal.text)
                follower.is_restless, follower.failed_at = True, self.clock()
            except Exception:  # noqa: BLE001 - one that fails must not keep the others untold
                _log.exception("could not follow %s", observed.rollout.key)
                follower.is_restless, follower.failed_at = True, self.clock()
        if follower.task is asyncio.current_task():
            follower.task = None  # a task that is done is kept whole by whoever knows it
