"""One at a time, in the order in which they came; who is urgent goes before all others."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_Waiting = deque["asyncio.Future[None]"]


class Turn:
    """A lock. asyncio's own knows no urgency."""

    def __init__(self) -> None:
        self._is_taken = False
        self._urgent: _Waiting = deque()
        self._others: _Waiting = deque()

    @asynccontextmanager
    async def taken(self, *, is_urgent: bool = False) -> AsyncIterator[None]:
        """Wait for one's turn, and have it while the context is open."""
        if self._is_taken:
            await self._wait(self._urgent if is_urgent else self._others)
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: _Waiting) -> None:
        mine = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given the turn, and will not use it
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next who still waits; nobody comes between."""
        for queue in (self._urgent, self._others):
            while queue:
                if not (one := queue.popleft()).done():
                    one.set_result(None)
                    return
        self._is_taken = False
