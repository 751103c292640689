"""
Schedule: calls jobs when they are due.

What follows the clock on the wall (`cron`) goes by APScheduler; what goes at an even pace (`every`)
by the clock of the loop: a wall clock that is set back must not stop the search for drift.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.schedule.cron import Cron, next_due, previous_due

log = logging.getLogger(__name__)

#: A job is called with the moment at which it was due, UTC.
Job = Callable[[datetime], Awaitable[None]]
#: Told how a run ended: the name of the job, and `ok`, `failed`, `missed` or `skipped`.
OnEnd = Callable[[str, str], None]

#: later than this, what was due is not worth doing any more
GRACE = timedelta(hours=1)
#: how often the wall clock is looked at: while a machine sleeps, the loop's clock stands still
_LOOK = timedelta(seconds=30)


class Schedule:
    """
    Calls each job when it is due; an async context manager, which ends all runs when it is left.

    A job never runs twice at once: what becomes due meanwhile is skipped. Of several times that
    were slept through only the last one counts, and only within *grace*. What a job raises is
    logged, and it goes on.

    Args:
        grace: how late a cron job may start.
        catch_up: how long before the beginning a cron job may have been due to be called at once;
            for jobs that know what they did already, because then a restart repeats them.
        on_end: told how each run ended.

    """

    def __init__(
        self,
        *,
        grace: timedelta = GRACE,
        catch_up: timedelta = timedelta(0),
        on_end: OnEnd = lambda _name, _how: None,
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells every run otherwise
        self._catch_up = catch_up
        self._on_end = on_end
        self._due: dict[str, datetime] = {}
        self._runs: set[asyncio.Task[None]] = set()  # what is ended at the end
        self._waits: set[asyncio.Task[None]] = set()  # what waits for a run on APScheduler's behalf
        self._is_open = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": max(1, int(grace.total_seconds())),
            },
        )
        self._scheduler.add_listener(
            self._heard, EVENT_JOB_SUBMITTED | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        )

    async def __aenter__(self) -> Self:
        self._is_open = True
        self._scheduler.start()
        self._start(self._beat(_LOOK, self._look))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_open = False
        self._scheduler.remove_all_jobs()
        await asyncio.sleep(0)  # a run that was submitted but has not begun sees that we close
        for run in self._runs:
            run.cancel()
        # APScheduler would log a cancelled run as an error, so it must find none that is cancelled.
        await asyncio.gather(*self._runs, *self._waits, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down at the loop's next turn

    def every(self, span: timedelta, job: Job, name: str) -> None:
        """Call a job at an even pace, for the first time when one *span* is over."""
        self._ensure_open()
        if span <= timedelta(0):
            raise ValueError("a span must be longer than nothing")

        async def run() -> None:
            await self._run(job, datetime.now(UTC), name)

        self._start(self._beat(span, run))

    def cron(self, cron: Cron, timezone: ZoneInfo, job: Job, name: str) -> None:
        """Call a job at these times of day. The name must be its own."""
        self._ensure_open()

        async def run() -> None:
            if not self._is_open:
                return
            waiting = asyncio.current_task()
            assert waiting is not None  # noqa: S101 - APScheduler runs coroutines in tasks
            self._waits.add(waiting)
            try:
                await asyncio.wait([self._start(self._run(job, self._due[name], name))])
            finally:
                self._waits.discard(waiting)

        trigger = _Times(cron, timezone, self._catch_up)
        self._scheduler.add_job(run, trigger, id=name, name=name)

    def _ensure_open(self) -> None:
        if not self._is_open:
            raise RuntimeError("the schedule is not open")

    def _start(self, run: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(run)
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return task

    async def _beat(self, span: timedelta, run: Callable[[], Awaitable[None]]) -> None:
        """Run again and again, always whole spans after the beginning."""
        clock, seconds = asyncio.get_running_loop().time, span.total_seconds()
        due = clock()
        while True:
            due += seconds * max(1, (clock() - due) // seconds + 1)  # what was missed is skipped
            await asyncio.sleep(due - clock())
            await run()

    async def _look(self) -> None:
        self._scheduler.wakeup()

    async def _run(self, job: Job, due: datetime, name: str) -> None:
        try:
            await job(due)
        except Exception:
            log.exception("%s failed", name, extra={"action": "job_failed", "job": name})
            self._on_end(name, "failed")
        else:
            self._on_end(name, "ok")

    def _heard(self, event: JobSubmissionEvent | JobExecutionEvent) -> None:
        """Keep for which moment a run was submitted, before it begins; APScheduler does not say."""
        if event.code == EVENT_JOB_SUBMITTED:
            self._due[event.job_id] = event.scheduled_run_times[-1]
        else:
            how = "missed" if event.code == EVENT_JOB_MISSED else "skipped"
            self._on_end(event.job_id, how)


@dataclass
class _Times(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Tells APScheduler when a cron expression is due; of several past times only the last."""

    cron: Cron
    timezone: ZoneInfo
    catch_up: timedelta

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Tell the next time after *previous*, or the last one that is past already."""
        last = previous_due(self.cron, self.timezone, now + timedelta(microseconds=1))
        since = previous if previous is not None else now - self.catch_up
        if last > since:
            return last
        return next_due(self.cron, self.timezone, max(since, now))
