"""
Which of the replicas that share a database are alive.

    each of them ─▶ its beat in the database, again and again
    everybody    ─▶ whose beat has not changed for how long, on their own clock

As with the Lease, to be present is a span of time (see `Term`): who could not renew it sends
nothing to the cluster, so that what it has left lying can be taken over by others, and is not done
by both.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.flows.leadership import Term, boot_time
from bot.flows.ports import Roll
from bot.release.errors import Refusal

_log = logging.getLogger(__name__)
_NEVER = float("-inf")
_BURIED = 600.0  #: seconds after which one that is gone is struck off the roll


class Peers(Protocol):
    """Who else there is."""

    me: str

    @property
    def is_present(self) -> bool:
        """Whether others know that we are alive: what we begin now is not taken from us."""
        ...

    def is_gone(self, who: str) -> bool:
        """Whether a replica is surely not alive, and will not do anything any more."""
        ...


@dataclass
class Solo(Peers):
    """There is nobody else: whoever had another name was before us."""

    me: str
    is_present = True

    def is_gone(self, who: str) -> bool:
        """Whether it is not us."""
        return who != self.me


@dataclass
class Presence(Peers):
    """
    Keeps us on the roll, and watches who else is.

    Args:
        roll: the beats of all.
        me: our name; of this process, no two may have the same.
        term: how long anybody may be silent.

    """

    roll: Roll
    me: str
    term: Term = field(default_factory=Term)
    clock: Callable[[], float] = boot_time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _beat: int = 0
    _renewed: float = _NEVER  #: when the last turn began that succeeded
    #: by name: the last beat (None: not on the roll), and since when it is that
    _heard: dict[str, tuple[int | None, float]] = field(default_factory=dict)

    @property
    def is_present(self) -> bool:
        """Whether others know that we are alive."""
        return self.clock() < self._renewed + self.term.deadline

    def is_gone(self, who: str) -> bool:
        """Whether it was silent for longer than a term while we listened."""
        if who == self.me:
            return False
        _, since = self._heard.setdefault(who, (None, self.clock()))
        return self._renewed >= since + self.term.lease

    async def run(self) -> None:
        """Beat and listen until cancelled."""
        while True:
            await self.turn()
            await self.sleep(self.term.retry)

    async def turn(self) -> None:
        """Beat once, and listen."""
        began = self.clock()
        try:
            async with asyncio.timeout(self.term.deadline / 3):
                await self.roll.answer(self.me, self._beat + 1)
                beats = await self.roll.beats()
                self._listen(beats, began)
                for who in self._buried(beats):
                    await self.roll.strike(who)
                    del self._heard[who]
        except (Refusal, TimeoutError) as silence:
            _log.debug("The roll could not be called: %r", silence, extra={"action": "roll"})

    async def leave(self) -> None:
        """Say that we are gone; nothing of ours may be under way any more."""
        self._renewed = _NEVER
        try:
            async with asyncio.timeout(self.term.retry):
                await self.roll.strike(self.me)
        except (Refusal, TimeoutError) as silence:
            _log.debug("I could not leave the roll: %r", silence, extra={"action": "roll"})

    def _listen(self, beats: Mapping[str, int], began: float) -> None:
        """Note who has beaten since we listened last."""
        was_deaf = began - self._renewed > self.term.deadline
        now = self.clock()
        for who in {*self._heard, *beats}:
            before, since = self._heard.get(who, (-1, now))
            beat = beats.get(who)
            if was_deaf or beat != before:
                self._heard[who] = (beat, now)
            elif beat is None and began - since > _BURIED:
                del self._heard[who]
        self._renewed, self._beat = began, self._beat + 1

    def _buried(self, beats: Mapping[str, int]) -> list[str]:
        over = self._renewed - _BURIED
        return [who for who in beats if who != self.me and self._heard[who][1] < over]
