"""Long work that lets others have their turn: nobody's press waits for a sweep of the cluster."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

_LONGEST = 0.005  #: seconds of the loop at a time; the largest single piece comes on top
_BUSY = 0.001  #: seconds after which it is our turn again, if others had anything to do
_REST = 0.015  #: seconds for others, if they do: what they do takes many turns
_LONGEST_REST = 0.25
_LATE = 0.003  #: seconds by which we come back too late where others have more to do than time


class Breath:
    """To be awaited between any two small pieces of work; rests longer the busier others are."""

    def __init__(self) -> None:
        self._since = asyncio.get_running_loop().time()
        self._rest = _REST

    async def __call__(self) -> None:
        """Let others go on, if the loop was held for long enough."""
        loop = asyncio.get_running_loop()
        stopped = loop.time()
        if stopped - self._since >= _LONGEST:
            await asyncio.sleep(0)
            if loop.time() - stopped > _BUSY:
                await self._leave_alone(loop)
            self._since = loop.time()

    async def _leave_alone(self, loop: asyncio.AbstractEventLoop) -> None:
        until = loop.time() + self._rest
        await asyncio.sleep(self._rest)
        is_late = loop.time() - until > _LATE
        self._rest = min(_LONGEST_REST, 2 * self._rest) if is_late else max(_REST, self._rest / 2)


async def one_a_turn(things: Iterable[T]) -> AsyncIterator[T]:
    """Give one at each turn of the loop: what each sets off would else come in the same turn."""
    for thing in tuple(things):
        yield thing
        await asyncio.sleep(0)
