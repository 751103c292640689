"""
What a controller has to look at: keys, each at its time, never two looks at once.

As in client-go: a key that is added many times is looked at once; one that cannot be worked off
comes back later and later.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable

from bot.sandbox.cluster.errors import Refused

log = logging.getLogger(__name__)

Key = tuple[str, str]
#: client-go's delays after failures, seconds
_FIRST_DELAY, _LONGEST_DELAY = 0.001, 10.0
#: keys that are worked off before others of the process get a turn
_AT_A_TIME = 5


class Trouble(Exception):  # noqa: N818 - what the controller is in
    """A look that could not be finished; it is tried again."""


class WorkQueue:
    """
    Keys with their times.

    Args:
        sync: looks at one key; a plain function, so that nothing changes under its eyes.
        gap: seconds between two looks at the same key.

    """

    def __init__(self, sync: Callable[[Key], None], *, gap: float = 0.0) -> None:
        self._sync = sync
        self._gap = gap
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._last: dict[Key, float] = {}
        self._failures: dict[Key, int] = {}
        self._more = asyncio.Event()

    def add(self, key: Key, after: float = 0.0) -> None:
        """Look at this key, now or after some seconds; the sooner of two wishes counts."""
        now = asyncio.get_running_loop().time()
        due = max(now + after, self._last.get(key, 0.0) + self._gap)
        if key in self._due and self._due[key] <= due:
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, key))
        self._more.set()

    async def run(self) -> None:
        """Work for ever."""
        done = 0
        while True:
            self._more.clear()
            key = self._next()
            if key is None:
                await self._wait()
                continue
            self._look(key)
            done += 1
            if done % _AT_A_TIME == 0:
                await asyncio.sleep(0)

    def forget(self, key: Key) -> None:
        """There is nothing to look at any more."""
        for kept in (self._due, self._last, self._failures):
            kept.pop(key, None)

    def _next(self) -> Key | None:
        now = asyncio.get_running_loop().time()
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                self._last[key] = now
                return key
        return None

    async def _wait(self) -> None:
        if not self._heap:
            await self._more.wait()
            return
        left = self._heap[0][0] - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, left)):
                await self._more.wait()
        except TimeoutError:
            pass

    def _look(self, key: Key) -> None:
        try:
            self._sync(key)
        except (Trouble, Refused) as trouble:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            delay = min(_FIRST_DELAY * 2 ** min(failures, 20), _LONGEST_DELAY)
            log.debug("%s/%s: %s; again in %.3f s", *key, trouble, delay)
            self.add(key, delay)
        else:
            self._failures.pop(key, None)
