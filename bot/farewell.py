"""
The end: everything that is under way has some seconds in all, whatever hangs.

What is not done by then is on record: acts and answers that are open in the database are settled
and given at the next start, and so is what was to be told.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)

#: Seconds for everything. Kubernetes gives 30 before it kills; who waits for a deploy gives fewer.
#: What is cut off then may need a moment to let go: a database that is locked, some seconds.
SECONDS = 8.0
#: Seconds after which the process ends although something does not let go.
AT_THE_LATEST = 11.5


class Farewell:
    """Shares the seconds out; they begin with the first who asks."""

    def __init__(
        self, seconds: float = SECONDS, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends_at: float | None = None

    def left(self) -> float:
        """Tell how many seconds are left."""
        now = self._clock()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        return max(0.0, self._ends_at - now)

    def step(
        self, what: str, work: Callable[[], Awaitable[object]]
    ) -> Callable[[], Awaitable[None]]:
        """Make a step of the end: what is not through in time is left, and said."""

        async def take() -> None:
            seconds = max(0.5, self.left())
            try:
                async with asyncio.timeout(seconds):
                    await work()
            except TimeoutError:
                _log.warning(
                    "%s did not end in time and is left", what, extra={"action": "end_late"}
                )

        return take


def end_for_sure(seconds: float = AT_THE_LATEST) -> None:
    """End the process then, if it still runs: a thread that hangs keeps nobody waiting."""

    def end() -> None:
        _log.error("Something does not let go of me; I end now", extra={"action": "end_forced"})
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def end_at_interrupt() -> None:
    """
    Let Ctrl-C end the task that asks for it, whenever it comes.

    What `asyncio.run` does about it is not heard while the loop sleeps, if the signal came just
    before it fell asleep, or to another thread: the task would wait on until something happens.
    Where it is ignored, as in the background of a script, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        loop.remove_signal_handler(signal.SIGINT)  # the second one ends at once
        if task:
            task.cancel()

    loop.add_signal_handler(signal.SIGINT, end)
