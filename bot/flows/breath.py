"""Long work that lets others have their turn: nobody's press waits for a sweep of the cluster."""

import asyncio

_LONGEST = 0.005  #: seconds of the loop at a time; the largest single piece comes on top


class Breath:
    """To be awaited between any two small pieces of work."""

    def __init__(self) -> None:
        self._since = asyncio.get_running_loop().time()

    async def __call__(self) -> None:
        """Let others go on, if the loop was held for long enough."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._since >= _LONGEST:
            await asyncio.sleep(0)
            self._since = loop.time()
