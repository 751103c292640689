"""What is done when, by the configuration: the search for drift, and each channel's digest."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.config import Digest
from bot.flows.patrol import Patrol
from bot.schedule import Schedule, previous_due

_CATCH_UP = timedelta(minutes=10)  #: a digest that was due while nobody led


@dataclass
class Timetable:
    """
    Keeps a schedule as the configuration wants it, also when that changes.

    Args:
        patrol: does it.
        on_end: as for Schedule.
        every: how often is looked for drift.
        digests: which channel gets one when.

    """

    patrol: Patrol
    on_end: Callable[[str, str], None]
    every: timedelta
    digests: Sequence[tuple[str, Digest]]
    _looking: Schedule | None = None  #: for drift
    _schedule: Schedule | None = None  #: of digests
    _names: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for drift while this is open; in every replica: each is asked what is wrong."""
        async with Schedule(on_end=self.on_end) as schedule:
            self._looking = schedule
            self._look(schedule)
            try:
                yield
            finally:
                self._looking = None

    @asynccontextmanager
    async def digesting(self) -> AsyncIterator[None]:
        """Post digests while this is open, and what was due a moment before; the leader only."""
        async with Schedule(catch_up=_CATCH_UP, on_end=self.on_end) as schedule:
            self._schedule = schedule
            self._fill(schedule, catch_up=True)
            try:
                yield
            finally:
                self._schedule = None
                self._names.clear()

    def change(self, every: timedelta, digests: Sequence[tuple[str, Digest]]) -> None:
        """Go by this from now on; what stays as it was goes on untouched."""
        self.every, self.digests = every, digests
        if self._looking is not None:
            self._look(self._looking)
        if self._schedule is not None:
            self._fill(self._schedule, catch_up=False)

    def _look(self, schedule: Schedule) -> None:
        schedule.every(self.every, self.patrol.look_for_drift, "drift")

    def _fill(self, schedule: Schedule, *, catch_up: bool) -> None:
        wanted = {
            (channel, str(digest.cron), digest.timezone.key): (channel, digest)
            for channel, digest in self.digests
        }
        for gone in self._names.keys() - wanted.keys():
            schedule.drop(self._names.pop(gone))
        for key, (channel, digest) in wanted.items():
            if key not in self._names:
                name = self._names[key] = self._free_name()
                job = _digest(self.patrol, channel, digest)
                schedule.cron(digest.cron, digest.timezone, job, name, catch_up=catch_up)

    def _free_name(self) -> str:
        taken = set(self._names.values())
        return next(name for n in count() if (name := f"digest-{n}") not in taken)


def _digest(patrol: Patrol, channel: str, digest: Digest) -> Callable[[datetime], Awaitable[None]]:
    """Make the job: it sums up everything since the time before."""

    async def job(due: datetime) -> None:
        since = previous_due(digest.cron, digest.timezone, due)
        await patrol.digest(channel, due, since)

    return job
