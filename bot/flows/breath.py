"""Long work that lets others have their turn: nobody's press waits for a sweep of the cluster."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

_LONGEST = 0.005  #: seconds of the loop at a time; the largest single piece comes on top
_BUSY = 0.001  #: seconds after which it is our turn again, if others had anything to do
_SHARE = 3  #: times as long for others, if they do: what they do takes many turns


class Breath:
    """To be awaited between any two small pieces of work."""

    def __init__(self) -> None:
        self._since = asyncio.get_running_loop().time()

    async def __call__(self) -> None:
        """Let others go on, if the loop was held for long enough."""
        loop = asyncio.get_running_loop()
        stopped = loop.time()
        if stopped - self._since >= _LONGEST:
            await asyncio.sleep(0)
            if loop.time() - stopped > _BUSY:
                await asyncio.sleep(_SHARE * _LONGEST)
            self._since = loop.time()


async def one_a_turn(things: Iterable[T]) -> AsyncIterator[T]:
    """Give one at each turn of the loop: what each sets off would else come in the same turn."""
    for thing in tuple(things):
        yield thing
        await asyncio.sleep(0)
