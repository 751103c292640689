"""
Outage: the server is away, and back.

The watches come back one after the other; until the last of them has, what is known is of different
times, and comparing it would raise false alarms.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

#: a watch that is not back by then is down for a reason of its own
_ECHO = timedelta(seconds=30)
#: a server that goes away in order ends watches before it takes no more calls
_EVE = timedelta(seconds=10)


class Outage:
    """
    The last time when the server was away.

    Attributes:
        count: how many are over.

    """

    def __init__(self) -> None:
        self.count = 0
        self._began: datetime | None = None
        self._ended: datetime | None = None
        self._end = asyncio.Event()

    @property
    def is_on(self) -> bool:
        """Whether the server is away."""
        return self._began is not None and self._ended is None

    def begins(self, now: datetime) -> None:
        """Note that a request got no answer."""
        if not self.is_on:
            self._began, self._ended = now, None

    def ends(self, now: datetime) -> None:
        """Note that a request succeeded; a server that only just starts refuses many at first."""
        if self.is_on:
            self._ended = now
            self.count += 1
            self._end.set()
            self._end = asyncio.Event()

    def felt_since(self, now: datetime) -> datetime | None:
        """Tell since when watches may be down because of it; None: it is over for long."""
        is_over = self._ended is not None and now - self._ended > _ECHO
        return None if is_over or self._began is None else self._began - _EVE

    async def rest(self, nap: Awaitable[None]) -> None:
        """Wait for a nap; during an outage, at most until its end."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(nap)]
        if self.is_on:
            waits.append(asyncio.ensure_future(self._end.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
