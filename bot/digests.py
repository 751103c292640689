"""When channels get their digests; the leader keeps these times."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.config import Digest
from bot.flows.patrol import Patrol
from bot.schedule import Schedule, previous_due

_CATCH_UP = timedelta(minutes=10)  #: a digest that was due while nobody led


@asynccontextmanager
async def digests(
    times: Sequence[tuple[str, Digest]], patrol: Patrol, on_end: Callable[[str, str], None]
) -> AsyncIterator[None]:
    """Post each channel's digests while this is open, and what was due a moment before."""
    async with Schedule(catch_up=_CATCH_UP, on_end=on_end) as schedule:
        for number, (channel, digest) in enumerate(times):
            job = _job(patrol, channel, digest)
            schedule.cron(digest.cron, digest.timezone, job, f"digest-{number}")
        yield


def _job(patrol: Patrol, channel: str, digest: Digest) -> Callable[[datetime], Awaitable[None]]:
    """Make the job: it sums up everything since the time before."""

    async def job(due: datetime) -> None:
        since = previous_due(digest.cron, digest.timezone, due)
        await patrol.digest(channel, due, since)

    return job
