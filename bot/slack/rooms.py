"""
Where work waits for its turn: so much at once, so much more may wait, and no more.

What is read, done and aborted waits in rooms of its own: behind a thousand questions, an abort is
still the first.
"""

import asyncio
from types import TracebackType
from typing import Self

from bot.slack.limits import Kind

#: at once, and waiting beside them
SIZES = {Kind.READ: (32, 200), Kind.ACT: (64, 400), Kind.ABORT: (64, 1_000)}


class Room:
    """One of them. `async with room` is a turn in it."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self.inside = 0  #: how many are promised a turn, or have it

    @property
    def is_full(self) -> bool:
        """Whether nobody more may come in."""
        return self.inside >= self._most

    async def __aenter__(self) -> Self:
        self.inside += 1
        try:
            await self._turns.acquire()
        except BaseException:
            self.inside -= 1
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.inside -= 1
        self._turns.release()


def rooms() -> dict[Kind, Room]:
    """Make the three rooms."""
    return {kind: Room(at_once, waiting) for kind, (at_once, waiting) in SIZES.items()}
