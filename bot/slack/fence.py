"""
The way to Slack for who may post and edit for a while only: the leader among several replicas.

It is asked before each call whether there still is room for it, and a call goes on no longer than
that. So what was decided before the term was over, or was stopped in the middle and wakes up later,
does not come through.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.slack.calls import Calls, Json, Lost

_WRITES = "chat."  #: what is read may always be read


class Fenced(Calls):
    """
    Calls as *calls* does, and has no state of its own.

    Args:
        calls: the way to Slack.
        room: asked before each call: how many seconds it may take; 0: it must not begin.

    """

    def __init__(self, calls: Calls, room: Callable[[], float]) -> None:
        self._all = calls
        self._room = room

    def rest(self, method: str) -> float:
        """Seconds for which this method must not be called."""
        return self._all.rest(method)

    async def __call__(self, method: str, **args: Any) -> Json:
        """
        Call a method once.

        Raises:
            CallError: as Calls does; Lost also where there is no room for it.

        """
        seconds = self._room() if method.startswith(_WRITES) else float("inf")
        if seconds <= 0:
            raise Lost(method, "this replica does not lead", perhaps=False)
        try:
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                return await self._all(method, **args)
        except TimeoutError as error:
            raise Lost(method, f"no answer within {seconds:g} s", perhaps=True) from error
