"""
One at a time, in the order in which they came; who is urgent goes first.

Who has it mostly needs no turn of the loop, so several are called at once: were they called one
after the other, each would wait for a turn of the loop, and under load these are long.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_Waiting = deque["asyncio.Future[None]"]

_AT_ONCE = 8  #: who are called together
_OTHERS = 4  #: of them are not urgent, if so many wait: who is urgent may never end


class Turn:
    """A lock. asyncio's own knows no urgency."""

    def __init__(self) -> None:
        self._is_taken = False
        self._called = 0  #: who were told to come, and have not come yet
        self._urgent: _Waiting = deque()
        self._others: _Waiting = deque()

    @asynccontextmanager
    async def taken(self, *, is_urgent: bool = False) -> AsyncIterator[Callable[[], None]]:
        """Wait for one's turn, and have it while the context is open, or until it is given up."""
        queue = self._urgent if is_urgent else self._others
        if self._is_taken or self._called or queue:
            mine = asyncio.get_running_loop().create_future()
            queue.append(mine)
            await self._come(mine, queue)
        self._is_taken = has_it = True

        def give_up() -> None:
            nonlocal has_it
            if has_it:
                self._is_taken = has_it = False
                self._call()

        try:
            yield give_up
        finally:
            give_up()

    async def _come(self, mine: "asyncio.Future[None]", queue: _Waiting) -> None:
        """Wait until one is called and nobody has it."""
        while True:
            try:
                await mine
            except asyncio.CancelledError:
                if mine.done() and not mine.cancelled():  # it was called, and will not come
                    self._called -= 1
                    self._call()
                raise
            self._called -= 1
            if not self._is_taken:
                return
            mine = asyncio.get_running_loop().create_future()
            queue.appendleft(mine)  # who was called before had to wait for something

    def _call(self) -> None:
        """Call the next who still wait, unless somebody is on the way."""
        if self._is_taken or self._called:
            return
        others = min(_OTHERS, len(self._others))
        for queue, most in ((self._urgent, _AT_ONCE - others), (self._others, _AT_ONCE)):
            while queue and self._called < most:
                if not (one := queue.popleft()).done():
                    self._called += 1
                    one.set_result(None)
